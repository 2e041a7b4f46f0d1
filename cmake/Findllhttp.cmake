# Findllhttp.cmake - llhttp::llhttp, whichever way Debian ships it: the library of Debian 13 (libllhttp-dev), else the
# generated C of Debian 12 (node-llhttp), compiled here as a static library. Sets llhttp_FOUND and llhttp_VERSION.

find_path(llhttp_INCLUDE_DIR llhttp.h PATHS /usr/share/include PATH_SUFFIXES llhttp)
find_path(llhttp_SOURCE_DIR llhttp.c PATHS /usr/share PATH_SUFFIXES llhttp NO_DEFAULT_PATH)
find_library(llhttp_LIBRARY llhttp)
mark_as_advanced(llhttp_INCLUDE_DIR llhttp_LIBRARY llhttp_SOURCE_DIR)

if(llhttp_INCLUDE_DIR)
    set(llhttp_VERSION "")
    foreach(part MAJOR MINOR PATCH)
        file(STRINGS "${llhttp_INCLUDE_DIR}/llhttp.h" line REGEX "^#define LLHTTP_VERSION_${part} [0-9]+")
        string(REGEX REPLACE ".* " "." line "${line}")
        string(APPEND llhttp_VERSION "${line}")
    endforeach()
    string(REGEX REPLACE "^\\." "" llhttp_VERSION "${llhttp_VERSION}")
endif()

include(FindPackageHandleStandardArgs)
if(llhttp_LIBRARY)
    find_package_handle_standard_args(llhttp REQUIRED_VARS llhttp_LIBRARY llhttp_INCLUDE_DIR VERSION_VAR llhttp_VERSION)
else()
    find_package_handle_standard_args(
        llhttp
        REQUIRED_VARS llhttp_SOURCE_DIR llhttp_INCLUDE_DIR
        VERSION_VAR llhttp_VERSION
        REASON_FAILURE_MESSAGE "install libllhttp-dev (Debian 13) or node-llhttp (Debian 12)")
endif()

if(llhttp_FOUND AND NOT TARGET llhttp::llhttp)
    if(llhttp_LIBRARY)
        add_library(llhttp::llhttp UNKNOWN IMPORTED)
        set_target_properties(
            llhttp::llhttp PROPERTIES IMPORTED_LOCATION "${llhttp_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES
                                                                            "${llhttp_INCLUDE_DIR}")
    else()
        add_library(
            llhttp STATIC EXCLUDE_FROM_ALL "${llhttp_SOURCE_DIR}/api.c" "${llhttp_SOURCE_DIR}/http.c"
                                           "${llhttp_SOURCE_DIR}/llhttp.c")
        target_include_directories(llhttp SYSTEM PUBLIC "${llhttp_INCLUDE_DIR}")
        target_compile_definitions(llhttp PRIVATE LLHTTP_STRICT_MODE=1)
        target_compile_options(llhttp PRIVATE -w) # not ours: no warnings, no clang-tidy
        set_target_properties(llhttp PROPERTIES C_CLANG_TIDY "" POSITION_INDEPENDENT_CODE ON)
        add_library(llhttp::llhttp ALIAS llhttp)
    endif()
endif()
