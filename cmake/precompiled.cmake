# fc_precompiled(TARGET plain|asio): its sources find the headers below already read, on which more than half of an
# unoptimised build was spent: `asio` in what links fc_runtime, which has Asio's own sources. They are others' headers
# only, so that a change of ours compiles no more than without, and none that defines variables (CLI11 does): those would
# be in each object. A source still includes what it uses; scripts/lint and header_check compile without these.
set(plain_headers
    algorithm array atomic charconv chrono cmath condition_variable cstring deque filesystem fstream functional future
    iostream list map memory mutex optional random ranges set span sstream string string_view thread tuple unordered_map
    unordered_set utility variant vector boost/describe.hpp boost/mp11.hpp boost/system/system_error.hpp
    boost/unordered/unordered_flat_map.hpp boost/unordered/unordered_flat_set.hpp boost/url/parse.hpp
    boost/url/url_view.hpp)
set(asio_headers ${plain_headers} boost/asio.hpp boost/asio/ssl.hpp)

# Not by target_precompile_headers, and with a header of the system's as the source: what is precompiled holds the path of
# its source, and must be the same in all checkouts for ccache to take objects of one for another.
find_file(GTEST_HEADER gtest/gtest.h REQUIRED)
set_source_files_properties(${GTEST_HEADER} PROPERTIES LANGUAGE CXX HEADER_FILE_ONLY OFF)
foreach(kind plain asio)
    add_library(fc_precompiled_${kind} OBJECT EXCLUDE_FROM_ALL ${GTEST_HEADER})
    target_link_libraries(fc_precompiled_${kind} PRIVATE Boost::url Boost::system OpenSSL::SSL GTest::gtest)
    list(TRANSFORM ${kind}_headers PREPEND "SHELL:-include ")
    target_compile_options(fc_precompiled_${kind} PRIVATE
        "SHELL:-x c++-header" -fpch-instantiate-templates "SHELL:-Xclang -fno-pch-timestamp" ${${kind}_headers})
endforeach()

function(fc_precompiled target kind)
    set(file ${CMAKE_BINARY_DIR}/CMakeFiles/fc_precompiled_${kind}.dir${GTEST_HEADER}.o)
    target_compile_options(${target} PRIVATE "SHELL:-include-pch ${file}")
    get_target_property(sources ${target} SOURCES)
    set_property(SOURCE ${sources} APPEND PROPERTY OBJECT_DEPENDS ${file})
endfunction()
