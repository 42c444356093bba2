# cmake -DROOT=FOLDER -P layers.cmake
#
# Holds every #include of src/ and include/ to the ps_layer() lines of ROOT/CMakeLists.txt: a folder may include itself,
# include/presend, generated files, embedded schemas and the folders on its line, and lines name only folders that stand above them.

cmake_minimum_required(VERSION 3.25)

set(breaches 0)

macro(breach text)
    message(SEND_ERROR "${text}")
    math(EXPR breaches "${breaches} + 1")
endmacro()

# The first part of each path that FILE includes in quotes, in `out`.
function(included_folders file out)
    file(STRINGS ${file} lines REGEX "^[ \t]*#[ \t]*include[ \t]*\"")
    set(folders "")
    foreach(line ${lines})
        string(REGEX REPLACE "^[^\"]*\"([^\"]*)\".*$" "\\1" path "${line}")
        string(REGEX REPLACE "/.*$" "" folder "${path}")
        if(folder STREQUAL path OR path MATCHES "\\.\\./")
            set(folder "${path}") # no folder, or a way around this test
        endif()
        list(APPEND folders "${folder}")
    endforeach()
    set(${out} "${folders}" PARENT_SCOPE)
endfunction()

macro(check_files pattern who)
    file(GLOB_RECURSE files ${pattern}.c ${pattern}.h)
    foreach(file ${files})
        included_folders(${file} folders)
        foreach(folder ${folders})
            if(NOT folder IN_LIST allowed)
                breach("${file} includes \"${folder}...\": ${who} may include only ${allowed}")
            endif()
        endforeach()
    endforeach()
endmacro()

file(STRINGS ${ROOT}/CMakeLists.txt lines REGEX "^ps_layer\\(")
if(NOT lines)
    message(FATAL_ERROR "${ROOT}/CMakeLists.txt has no ps_layer() line")
endif()

set(known "")
foreach(line ${lines})
    string(REGEX REPLACE "^ps_layer\\(([^)]*)\\).*$" "\\1" words "${line}")
    separate_arguments(words)
    list(POP_FRONT words name)
    foreach(word ${words})
        if(NOT word IN_LIST known)
            breach("ps_layer(${name}) names ${word}, which does not stand above it")
        endif()
    endforeach()
    list(APPEND known ${name})
    set(allowed ${name} presend generated schemas ${words})
    check_files(${ROOT}/src/${name}/* "src/${name}")
endforeach()

set(allowed presend)
check_files(${ROOT}/include/* "include/presend")

# A folder without a line would be held to nothing.
file(GLOB entries LIST_DIRECTORIES true RELATIVE ${ROOT}/src ${ROOT}/src/*)
foreach(entry ${entries})
    file(GLOB_RECURSE sources ${ROOT}/src/${entry}/*.c ${ROOT}/src/${entry}/*.h)
    if(sources AND NOT entry IN_LIST known)
        breach("src/${entry} has no ps_layer() line in CMakeLists.txt")
    endif()
endforeach()

if(breaches GREATER 0)
    message(FATAL_ERROR "${breaches} breaches of the layers")
endif()
