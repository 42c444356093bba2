#include "base/memory.h"
#include "cmd/command.h"

static const ps_command *const commands[] = {&ps_command_run,     &ps_command_clean,    &ps_command_approve,
                                             &ps_command_winback, &ps_command_suppress, &ps_command_address,
                                             &ps_command_domains, &ps_command_inspect,  NULL};

int main(int argc, char **argv)
{
    ps_memory_map_large();
    return ps_commands_main(commands, argc, argv);
}
