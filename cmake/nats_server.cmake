# nats_server: the real nats-server as a Go archive (src/queue/nats/server), linked by whoever uses LinkedNatsServer.
# Modules come through the module proxy, pinned by go.sum; Go's own build cache makes a rebuild a matter of seconds.
set(server_source ${CMAKE_SOURCE_DIR}/src/queue/nats/server)
set(server_build ${CMAKE_BINARY_DIR}/nats_server)
set(server_archive ${server_build}/libnats_server.a)
file(MAKE_DIRECTORY ${server_build})
add_custom_command(
    OUTPUT ${server_archive} ${server_build}/libnats_server.h
    COMMAND ${CMAKE_COMMAND} -E env CC=${CMAKE_C_COMPILER} CGO_CFLAGS=-O2
        ${CMAKE_SOURCE_DIR}/scripts/go build -C ${server_source} -trimpath -buildvcs=false -mod=readonly
        -tags netgo,osusergo -ldflags "-s -w" -buildmode=c-archive -o ${server_archive} .
    DEPENDS ${server_source}/main.go ${server_source}/go.mod ${server_source}/go.sum
    COMMENT "Building the linked nats-server"
    VERBATIM)
add_custom_target(nats_server_archive DEPENDS ${server_archive})
add_library(nats_server STATIC IMPORTED GLOBAL)
set_target_properties(nats_server PROPERTIES
    IMPORTED_LOCATION ${server_archive}
    INTERFACE_INCLUDE_DIRECTORIES ${server_build})
target_link_libraries(nats_server INTERFACE Threads::Threads)
add_dependencies(nats_server nats_server_archive)
