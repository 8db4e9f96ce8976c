# The modules and what each may use: this is the diagram (docs/architecture.md draws it).
set(FC_NESTED_MODULES store/embedded queue/nats)

fc_module(base      LIBRARIES Boost::url Boost::system OpenSSL::Crypto)
fc_module(codec     DEPENDS base LIBRARIES simdjson::simdjson)
fc_module(runtime   DEPENDS base codec LIBRARIES OpenSSL::SSL spdlog::spdlog prometheus-cpp::core Threads::Threads)
fc_module(protocol  DEPENDS codec base)
fc_module(http      DEPENDS runtime codec base LIBRARIES Boost::url OpenSSL::SSL)
fc_module(store     DEPENDS runtime codec base)
fc_module(store_embedded PATH store/embedded DEPENDS store runtime codec base LIBRARIES SQLite::SQLite3)
set_source_files_properties(src/store/embedded/schema_test.cpp PROPERTIES
    COMPILE_DEFINITIONS "FC_COMMITTED_STORES=\"${CMAKE_SOURCE_DIR}/tests/stores\"")
fc_module(queue     DEPENDS runtime base)
fc_module(queue_nats PATH queue/nats
          DEPENDS queue runtime base LIBRARIES PkgConfig::NATS nats_server Boost::json)
fc_module(resource  DEPENDS store http runtime codec base TEST_DEPENDS store_embedded)
fc_module(messaging DEPENDS resource store http runtime codec base
          LIBRARIES OpenSSL::Crypto Boost::json PkgConfig::RE2
          TEST_DEPENDS store_embedded)
set_source_files_properties(src/messaging/event_type/schema_suite_test.cpp PROPERTIES
    COMPILE_DEFINITIONS "FC_SCHEMA_SUITE=\"/usr/share/json-schema-test-suite\"")
fc_module(router    DEPENDS http queue protocol runtime codec base LIBRARIES Boost::url)
fc_module(scheduler DEPENDS messaging router queue store protocol runtime base
          TEST_DEPENDS store_embedded resource http)

# Debug builds, the sanitizers' among them, are not optimised: they compile in half the time. What reads every byte is.
# The precompiled headers fit them all the same, but clang would say that these are not optimised.
if(CMAKE_BUILD_TYPE STREQUAL "Debug")
    set(optimised "-O1;-Xclang;-fno-validate-pch")
    target_compile_options(fc_codec PRIVATE ${optimised})
    set_source_files_properties(src/messaging/event_type/schema_validator.cpp PROPERTIES COMPILE_OPTIONS "${optimised}")
endif()
