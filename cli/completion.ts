import tab from '@bomb.sh/tab/commander'
import type { Command } from 'commander'

/** `tidemark completion zsh` prints the script that a shell needs; names of commands, options and choices then complete. */
export function offerCompletion(program: Command): void {
  const offered = tab(program, { completionCommandName: 'completion' })
  for (const command of program.commands) {
    const known = offered.commands.get(command.name())
    if (known) known.description = command.summary() || command.description()
  }
  program.commands
    .find((command) => command.name() === 'completion')
    ?.summary('completion for a shell: bash, zsh, fish, powershell')
    .addHelpText(
      'after',
      `
Examples:
  tidemark completion bash > ~/.local/share/bash-completion/completions/tidemark
  tidemark completion zsh > ~/.zfunc/_tidemark
  tidemark completion fish > ~/.config/fish/completions/tidemark.fish`,
    )
}
