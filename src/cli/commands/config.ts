import type { Command, CommandContext } from '../command.ts'
import { escapeText } from '../escape-text.ts'
import { stateFolder } from '../network-request.ts'
import { flagName, type OptionTable } from '../option.ts'

type StateFolderValues = Parameters<typeof stateFolder>[0]

/** `distro config`, over `options`, those of all other verbs. */
export function configCommand(options: OptionTable): Command {
  return {
    name: 'config',
    summary: 'print each setting and where it came from',
    arguments: [],
    options,
    examples: [
      { line: 'distro config', does: 'flags win over DISTRO_ variables, ./distro.config.json, the config file of the user, and defaults' },
      { line: 'DISTRO_UP_LIMIT=20M distro config --port 7000', does: 'try out what a variable or flag would do' },
    ],
    run: config,
  }
}

async function config({ settings: asWritten, values, world, printResult, printRecord }: CommandContext<OptionTable>): Promise<number> {
  const settings = new Map(asWritten)
  const stateDir = settings.get('stateDir')
  // Its default depends on who asks.
  if (stateDir !== undefined) settings.set('stateDir', { ...stateDir, text: stateFolder(values as StateFolderValues, world) })
  const rows = [...settings].map(([name, { text, origin }]) => ({
    name: flagName(name),
    text: escapeText(text),
    origin: escapeText(origin),
  }))
  const nameWidth = Math.max(...rows.map(({ name }) => name.length))
  const textWidth = Math.min(40, Math.max(...rows.map(({ text }) => text.length)))
  for (const { name, text, origin } of rows) {
    printResult(`${name.padEnd(nameWidth)}  ${(text === '' ? '-' : text).padEnd(textWidth)}  ${origin}`)
  }
  for (const [name, { text, origin }] of settings)
    printRecord('setting', {
      name: flagName(name),
      value: text === '' ? null : typeof values[name] === 'boolean' ? values[name] : text,
      origin,
    })
  return 0
}
