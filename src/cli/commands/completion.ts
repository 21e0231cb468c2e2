import { DistroError } from '../../base/errors.ts'
import type { Command, CommandContext } from '../command.ts'
import type { AnyCommand } from '../command-list.ts'
import { bashCompletion } from '../completion/bash.ts'
import { fishCompletion } from '../completion/fish.ts'
import { type CompletedVerb, completedVerbs } from '../completion/words.ts'
import { zshCompletion } from '../completion/zsh.ts'
import { outputOptions } from '../options.ts'

type CompletionOptions = Pick<typeof outputOptions, 'color' | 'config'>

const writers: Readonly<Record<string, (verbs: readonly CompletedVerb[]) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
}

/** `distro completion <shell>`; `loadCommands` yields the commands to complete. */
export function completionCommand(loadCommands: () => Promise<readonly AnyCommand[]>): Command<CompletionOptions> {
  return {
    name: 'completion',
    summary: 'print the completion script for a shell',
    arguments: [{ name: 'shell', describe: 'bash, zsh or fish', isRequired: true, completes: 'nothing', choices: Object.keys(writers) }],
    options: { color: outputOptions.color, config: outputOptions.config },
    examples: [
      { line: 'source <(distro completion bash)', does: 'in ~/.bashrc' },
      { line: 'distro completion zsh > ~/.zfunc/_distro', does: 'with ~/.zfunc in fpath before compinit' },
      { line: 'distro completion fish > ~/.config/fish/completions/distro.fish', does: 'fish finds it there' },
    ],
    async run({ words, world }: CommandContext<CompletionOptions>): Promise<number> {
      const writer = writers[words[0] ?? '']
      if (writer === undefined) {
        throw new DistroError('USAGE', `There is no completion for "${words[0]}".`, { hint: 'The shells are bash, zsh and fish.' })
      }
      world.stdout.write(writer(completedVerbs(await loadCommands())))
      return 0
    },
  }
}
