# cmake -DFROM=file -DTO=file.inc -P embed.cmake: the bytes of a file as the inside of a C array, for C17 has no #embed.
file(READ ${FROM} bytes HEX)
string(REGEX REPLACE "(................................)" "\\1\n" bytes "${bytes}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
file(WRITE ${TO} "${bytes}\n")
