# cmake -DROOT=FOLDER -DCLANG_FORMAT=PROGRAM -P format.cmake
#
# Every C file is as clang-format writes it; generated data is not looked at.

file(GLOB_RECURSE files ${ROOT}/src/*.[ch] ${ROOT}/include/*.[ch] ${ROOT}/tests/*.[ch] ${ROOT}/bench/*.[ch])
list(FILTER files EXCLUDE REGEX "/data/")
execute_process(COMMAND ${CLANG_FORMAT} --dry-run -Werror --style=file ${files} RESULT_VARIABLE result)
if(NOT result EQUAL 0)
    message(FATAL_ERROR "run clang-format -i on the files named above")
endif()
