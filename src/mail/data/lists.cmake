# Turns src/mail/data/*.txt into generated/mail/lists.inc: for each list its entries as one text, and what the report says of it.
# The order is that of `enum ps_list` in src/mail/lists.h. Tables that are compiled in otherwise are only told of.
set(lists tlds good free disposable typos roles carriers)
set(tables operators)

set(ps_list_texts "")
set(ps_list_facts "")
set(ps_list_spans "")
foreach(list IN LISTS lists tables)
    set(file ${CMAKE_CURRENT_LIST_DIR}/${list}.txt)
    if(list IN_LIST tables)
        set(file ${CMAKE_CURRENT_LIST_DIR}/${list}.csv)
    endif()
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    file(STRINGS ${file} entries REGEX "^[^#]")
    if(list IN_LIST tables)
        list(POP_FRONT entries) # the names of the columns
    endif()
    list(LENGTH entries count)
    foreach(fact name source licence date entries)
        file(STRINGS ${file} line REGEX "^# ${fact}: ")
        string(REGEX REPLACE "^# ${fact}: " "" ${fact}_fact "${line}")
    endforeach()
    if(NOT count EQUAL entries_fact)
        message(FATAL_ERROR "${file} has ${count} entries, but its header says ${entries_fact}")
    endif()
    string(APPEND ps_list_facts
        "    {\"${name_fact}\", \"${source_fact}\", \"${licence_fact}\", \"${date_fact}\", ${count}},\n")
    if(list IN_LIST tables)
        continue()
    endif()
    list(TRANSFORM entries PREPEND "    \"")
    list(TRANSFORM entries APPEND "\\n\"")
    list(JOIN entries "\n" text)
    string(APPEND ps_list_texts "static const char ${list}_text[] =\n${text};\n")
    string(APPEND ps_list_spans "    {${list}_text, sizeof(${list}_text) - 1},\n")
endforeach()

file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/mail/lists.inc @ONLY CONTENT [[
// Made by src/mail/data/lists.cmake; do not edit.
#pragma GCC diagnostic ignored "-Woverlength-strings"
@ps_list_texts@
static const ps_span texts[] = {
@ps_list_spans@};
static const ps_run_data_list data_lists[] = {
@ps_list_facts@};
]])

# operators.csv becomes generated/mail/operators.inc: suffixes and whole domains, each sorted by bytes, and the operators
# themselves by number; 0 is none.
set(file ${CMAKE_CURRENT_LIST_DIR}/operators.csv)
set(word "([^,]+)")
file(STRINGS ${file} rows REGEX "^[^#]")
list(POP_FRONT rows)
list(SORT rows) # a comma sorts below all that a name may have, so shorter names come first
set(operators "")
foreach(row IN LISTS rows)
    if(NOT row MATCHES "^${word},${word},${word},${word},(shared|tenant),${word},[0-9-]*$")
        message(FATAL_ERROR "${file}: not a row of it: ${row}")
    endif()
    list(APPEND operators "${CMAKE_MATCH_2},${CMAKE_MATCH_3},${CMAKE_MATCH_4}")
endforeach()
list(REMOVE_DUPLICATES operators)
list(SORT operators)
set(ps_operators "    {\"\", PS_OPERATOR_KIND_NONE, \"\"},\n")
set(names "")
foreach(operator IN LISTS operators)
    string(REPLACE "," ";" fact "${operator}")
    list(GET fact 0 name)
    list(GET fact 1 kind)
    list(GET fact 2 region)
    if(name IN_LIST names)
        message(FATAL_ERROR "${file} has two kinds or regions for ${name}")
    endif()
    list(APPEND names ${name})
    string(TOUPPER ${kind} kind)
    string(APPEND ps_operators "    {\"${name}\", PS_OPERATOR_KIND_${kind}, \"${region}\"},\n")
endforeach()
set(ps_operator_suffixes "")
set(ps_operator_domains "")
foreach(row IN LISTS rows)
    string(REGEX MATCH "^(@?)${word},${word},${word},${word},(shared|tenant)," head "${row}")
    list(FIND names ${CMAKE_MATCH_3} number)
    math(EXPR number "${number} + 1")
    set(tenant false)
    if(CMAKE_MATCH_6 STREQUAL "tenant")
        set(tenant true)
    endif()
    string(LENGTH "${CMAKE_MATCH_2}" length)
    set(entry "    {{\"${CMAKE_MATCH_2}\", ${length}}, ${number}, ${tenant}},\n")
    if(CMAKE_MATCH_1 STREQUAL "@")
        string(APPEND ps_operator_domains "${entry}")
    else()
        string(APPEND ps_operator_suffixes "${entry}")
    endif()
endforeach()

file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/mail/operators.inc @ONLY CONTENT [[
// Made by src/mail/data/lists.cmake; do not edit.
static const ps_operator_info operators[] = {
@ps_operators@};
static const ps_operator_entry suffixes[] = {
@ps_operator_suffixes@};
static const ps_operator_entry domains[] = {
@ps_operator_domains@};
]])
