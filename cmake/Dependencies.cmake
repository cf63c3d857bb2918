# The libraries Sikap stands on, as imported targets. All are Debian 12 packages: scripts/packages.
function(dependency name header library package)
  find_path(${name}_INCLUDE ${header})
  find_library(${name}_LIBRARY ${library})
  if(NOT ${name}_INCLUDE OR NOT ${name}_LIBRARY)
    message(FATAL_ERROR "${name} is missing: install the package ${package}, or run scripts/demo")
  endif()
  add_library(dep::${name} INTERFACE IMPORTED GLOBAL)
  target_include_directories(dep::${name} SYSTEM INTERFACE ${${name}_INCLUDE})
  target_link_libraries(dep::${name} INTERFACE ${${name}_LIBRARY})
endfunction()

dependency(libdeflate libdeflate.h deflate libdeflate-dev)
dependency(simdjson simdjson.h simdjson libsimdjson-dev)
# ISA-L inflates gzipped corpora five times as fast as zlib, which serves where it is missing.
add_library(dep::isal INTERFACE IMPORTED GLOBAL)
find_path(isal_INCLUDE isa-l/igzip_lib.h)
find_library(isal_LIBRARY isal)
if(isal_INCLUDE AND isal_LIBRARY)
  target_include_directories(dep::isal SYSTEM INTERFACE ${isal_INCLUDE})
  target_link_libraries(dep::isal INTERFACE ${isal_LIBRARY})
  target_compile_definitions(dep::isal INTERFACE SIKAP_ISAL)
else()
  message(STATUS "isa-l is missing: zlib inflates corpora (package libisal-dev)")
endif()
dependency(utf8proc utf8proc.h utf8proc libutf8proc-dev)
dependency(stemmer libstemmer.h stemmer libstemmer-dev)

find_path(XXHASH_INCLUDE xxhash.h)
if(NOT XXHASH_INCLUDE)
  message(FATAL_ERROR "xxhash is missing: install the package libxxhash-dev, or run scripts/demo")
endif()
add_library(dep::xxhash INTERFACE IMPORTED GLOBAL)
target_include_directories(dep::xxhash SYSTEM INTERFACE ${XXHASH_INCLUDE})

# LIBLINEAR's dual solvers draw from the process-wide rand(), and its allocations are not checked.
# A private copy of the archive, made into one object in which only two names remain visible, calls
# functions of ours instead (src/learn/solver_liblinear.c): labels can train in parallel and
# reproducibly, and neither names nor flags leak to those who link us.
# binutils by name: LLVM's tools, which CMake takes with clang, know some of these options otherwise.
find_program(BFD_LINKER NAMES ld.bfd ld REQUIRED)
find_program(GNU_OBJCOPY NAMES objcopy REQUIRED)
find_path(LIBLINEAR_INCLUDE linear.h)
find_library(LIBLINEAR_ARCHIVE liblinear.a)
if(NOT LIBLINEAR_INCLUDE OR NOT LIBLINEAR_ARCHIVE)
  message(FATAL_ERROR "liblinear is missing: install the package liblinear-dev, or run scripts/demo")
endif()
set(private_liblinear ${PROJECT_BINARY_DIR}/liblinear_private.a)
set(whole_liblinear ${PROJECT_BINARY_DIR}/liblinear_whole.o)
set(core_liblinear ${PROJECT_BINARY_DIR}/liblinear_core.o)
add_custom_command(OUTPUT ${private_liblinear}
  COMMAND ${BFD_LINKER} -r --force-group-allocation --whole-archive ${LIBLINEAR_ARCHIVE}
    -o ${whole_liblinear}
  COMMAND ${GNU_OBJCOPY}
    --redefine-sym train=liblinear_core_train
    --redefine-sym set_print_string_function=liblinear_core_print
    --keep-global-symbol=liblinear_core_train --keep-global-symbol=liblinear_core_print
    --redefine-sym rand=liblinear_rand
    --redefine-sym ddot_=liblinear_ddot --redefine-sym daxpy_=liblinear_daxpy
    --redefine-sym dscal_=liblinear_dscal --redefine-sym dnrm2_=liblinear_dnrm2
    --redefine-sym malloc=liblinear_malloc --redefine-sym realloc=liblinear_realloc
    --redefine-sym free=liblinear_free
    --redefine-sym _Znwm=liblinear_new --redefine-sym _Znam=liblinear_new_array
    --redefine-sym _ZdlPv=liblinear_delete --redefine-sym _ZdaPv=liblinear_delete_array
    --redefine-sym _ZdlPvm=liblinear_delete_sized
    --redefine-sym _ZdaPvm=liblinear_delete_array_sized
    --redefine-sym __cxa_throw_bad_array_new_length=liblinear_bad_length
    ${whole_liblinear} ${core_liblinear}
  COMMAND ${CMAKE_COMMAND} -E rm -f ${private_liblinear}
  COMMAND ${CMAKE_AR} rcs ${private_liblinear} ${core_liblinear}
  DEPENDS ${LIBLINEAR_ARCHIVE} VERBATIM)
add_custom_target(private_liblinear_archive DEPENDS ${private_liblinear})
add_library(dep::liblinear INTERFACE IMPORTED GLOBAL)
target_include_directories(dep::liblinear SYSTEM INTERFACE ${LIBLINEAR_INCLUDE})
target_link_libraries(dep::liblinear INTERFACE ${private_liblinear} stdc++)
target_link_options(dep::liblinear INTERFACE -Wl,-u,liblinear_ddot) # from src/learn/liblinear_blas.c
add_dependencies(dep::liblinear private_liblinear_archive)
