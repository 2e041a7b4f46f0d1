# What the OpenSSF's guide for hardening C asks of compiler and linker, where this toolchain has it: harden(target), and
# all that links it. Nothing under sanitizers, which bring their own.
#
# Left out: -z nodlopen, for a plugin is there to be loaded; -D_GLIBCXX_ASSERTIONS and -fexceptions, of C++ and of
# pthread_cancel, which nobody here uses.
include(CheckCCompilerFlag)
include(CheckLinkerFlag)
include(CheckPIESupported)

function(harden target)
  foreach(flag
      -Wformat=2 -Wimplicit-fallthrough -Werror=format-security -Werror=implicit -Werror=incompatible-pointer-types
      -Werror=int-conversion -fstrict-flex-arrays=3 -fstack-clash-protection -fstack-protector-strong
      -fcf-protection=full -mbranch-protection=standard -fno-delete-null-pointer-checks -fno-strict-overflow
      -fno-strict-aliasing -ftrivial-auto-var-init=zero)
    string(MAKE_C_IDENTIFIER "compiles${flag}" has_flag)
    check_c_compiler_flag("-Werror ${flag}" ${has_flag})
    if(${has_flag})
      target_compile_options(${target} INTERFACE ${flag})
    endif()
  endforeach()
  target_compile_options(${target} INTERFACE
    $<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE> $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=3>)
  foreach(flag -Wl,-z,noexecstack -Wl,-z,relro -Wl,-z,now -Wl,--as-needed -Wl,--no-copy-dt-needed-entries)
    string(MAKE_C_IDENTIFIER "links${flag}" has_flag)
    check_linker_flag(C "${flag}" ${has_flag})
    if(${has_flag})
      target_link_options(${target} INTERFACE ${flag})
    endif()
  endforeach()
endfunction()
