import { resolve } from 'node:path'
import { runSwitchHook } from '../../app/releases/switch-hook.ts'
import type { Command, CommandContext } from '../command.ts'
import { escapeText } from '../escape-text.ts'
import { followSwitches } from '../follow-switches.ts'
import { HookQueue, hookWarning } from '../hook-queue.ts'
import type { Option } from '../option.ts'
import { textOption } from '../option-kinds.ts'
import { outputOptions, switchOptions } from '../options.ts'

type RollbackOptions = typeof outputOptions & typeof switchOptions & { readonly to: Option<string | undefined> }

/** `distro rollback <dir>`. */
export const rollbackCommand: Command<RollbackOptions> = {
  name: 'rollback',
  summary: 'switch a folder of releases back to the one before, and print its path',
  arguments: [{ name: 'dir', describe: 'the folder that fetch --releases was given', isRequired: true, completes: 'folder', choices: [] }],
  options: {
    to: textOption('the release to switch to, in place of the one before: its name, or a start that no other has', {
      placeholder: 'NAME',
      givenBy: 'flag',
    }),
    ...switchOptions,
    ...outputOptions,
  },
  examples: [
    { line: 'distro rollback /srv/app', does: 'point /srv/app/current at the release before; again, and it is one further back' },
    { line: 'distro rollback /srv/app --to app-1.2-c12fe1c06bba', does: 'to that one, back or forth' },
    { line: "distro rollback /srv/app --on-switch 'systemctl restart app'", does: 'and run a command once it is switched' },
  ],
  run: rollback,
}

async function rollback(context: CommandContext<RollbackOptions>): Promise<number> {
  const { words, values, world, verbs, events, signal, say, printResult, printRecord } = context
  const hooks = new HookQueue(() => undefined)
  const command = values.onSwitch
  if (command !== undefined) followSwitches(events, (fields) => hooks.add(() => runSwitchHook(command, fields, world.env, signal)))
  const request = { dir: resolve(world.cwd, words[0] ?? ''), to: values.to, runsHook: command !== undefined }
  const rollingBack = verbs.rollback(request, events, signal)
  const result = await hooks.beside(rollingBack, (failure) => events.emit('warning', hookWarning(failure)))
  const { dir, current, release, path, isSwitched } = result
  printResult(escapeText(path))
  printRecord('rolled-back', { dir, current, release, path, isSwitched })
  const next = values.to === undefined ? ' The same command goes one further back once its --on-switch command has succeeded.' : ''
  if (!isSwitched) say(`${release} is current already; nothing was changed.${next}`)
  await hooks.end()
  return 0
}
