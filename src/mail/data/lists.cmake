# Turns src/mail/data/*.txt into generated/mail/lists.inc: for each list its entries as one text, and what the report says of it.
# The order is that of `enum ps_list` in src/mail/lists.h.
set(lists tlds good free disposable typos roles carriers)

set(ps_list_texts "")
set(ps_list_facts "")
set(ps_list_spans "")
foreach(list IN LISTS lists)
    set(file ${CMAKE_CURRENT_LIST_DIR}/${list}.txt)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    file(STRINGS ${file} entries REGEX "^[^#]")
    list(LENGTH entries count)
    foreach(fact name source licence date entries)
        file(STRINGS ${file} line REGEX "^# ${fact}: ")
        string(REGEX REPLACE "^# ${fact}: " "" ${fact}_fact "${line}")
    endforeach()
    if(NOT count EQUAL entries_fact)
        message(FATAL_ERROR "${file} has ${count} entries, but its header says ${entries_fact}")
    endif()
    list(TRANSFORM entries PREPEND "    \"")
    list(TRANSFORM entries APPEND "\\n\"")
    list(JOIN entries "\n" text)
    string(APPEND ps_list_texts "static const char ${list}_text[] =\n${text};\n")
    string(APPEND ps_list_spans "    {${list}_text, sizeof(${list}_text) - 1},\n")
    string(APPEND ps_list_facts
        "    {\"${name_fact}\", \"${source_fact}\", \"${licence_fact}\", \"${date_fact}\", ${count}},\n")
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
