import type { Command, CommandContext } from '../command.ts'
import { stateFolder } from '../network-request.ts'
import { listenOptions, outputOptions } from '../options.ts'
import { runsTable } from '../report/runs-table.ts'
import { styleOf } from '../report/style.ts'

type PsOptions = typeof outputOptions & Pick<typeof listenOptions, 'stateDir'>

/** `distro ps`. */
export const psCommand: Command<PsOptions> = {
  name: 'ps',
  summary: 'list the seeds and fetches that run',
  arguments: [],
  options: { stateDir: listenOptions.stateDir, ...outputOptions },
  examples: [
    { line: 'distro ps', does: 'a table for people, oldest first' },
    { line: 'distro ps --json | jq -r .id', does: 'one JSON object a line for programs' },
  ],
  run: ps,
}

async function ps({ values, world, verbs, events, signal, printResult, printRecord, say }: CommandContext<PsOptions>): Promise<number> {
  let isSilent = false
  events.on('warning', () => {
    isSilent = true
  })
  const { runs } = await verbs.ps({ stateDir: stateFolder(values, world) }, events, signal)
  for (const run of runs) printRecord('run', run)
  if (runs.length > 0) printResult(runsTable(runs, world.now(), styleOf(world.stdout, world.env, values.color), world.stdout.columns))
  else if (!isSilent) say('Nothing runs.')
  return 0
}
