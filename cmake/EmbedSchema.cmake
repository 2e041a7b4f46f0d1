# embed_schema(OUTPUT FILES...) - the SQL files of the store as C strings.

# Writes OUTPUT, a .c file that defines schema_steps and schema_count of store/schema.h.
function(embed_schema output)
  set(body "/* schema - the SQL files of core/store/schema, made by the build. */\n#include \"store/schema.h\"\n\nconst char *const schema_steps[] = {\n")
  foreach(file IN LISTS ARGN)
    file(READ "${file}" text)
    string(REPLACE "\\" "\\\\" text "${text}")
    string(REPLACE "\"" "\\\"" text "${text}")
    string(REPLACE "\n" "\\n\"\n    \"" text "${text}")
    string(APPEND body "    \"${text}\",\n")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
  endforeach()
  string(APPEND body "};\n\nconst int schema_count = sizeof schema_steps / sizeof schema_steps[0];\n")
  file(CONFIGURE OUTPUT "${output}" CONTENT "@body@" @ONLY)
endfunction()
