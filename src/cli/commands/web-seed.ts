import { resolve } from 'node:path'
import type { WebSeedAction, WebSeedResult } from '../../app/web-seeds/web-seed-request.ts'
import { DistroError } from '../../base/errors.ts'
import type { Argument, Command, CommandContext } from '../command.ts'
import { stateFolder } from '../network-request.ts'
import { listenOptions, outputOptions } from '../options.ts'
import { styleOf } from '../report/style.ts'
import { webSeedsTable } from '../report/web-seeds-table.ts'

type WebSeedOptions = typeof outputOptions & Pick<typeof listenOptions, 'stateDir'>

/** How many URLs each action takes. */
const urlCounts: Readonly<Record<WebSeedAction['kind'], number>> = { list: 0, add: 1, remove: 1, replace: 2 }

const plain: Omit<Argument, 'name' | 'describe'> = { isRequired: true, completes: 'nothing', choices: [] }

/** `distro web-seed list|add|remove|replace <run> [url] [new-url]`. */
export const webSeedCommand: Command<WebSeedOptions> = {
  name: 'web-seed',
  summary: 'show or change the web seeds of a fetch that runs',
  arguments: [
    { ...plain, name: 'action', describe: 'list, add, remove or replace', choices: Object.keys(urlCounts) },
    { ...plain, name: 'run', describe: 'its id from distro ps, its name, its info-hash, or the start of the id or hash' },
    { ...plain, name: 'url', describe: 'the web seed to add, remove or replace: a URL or a folder', isRequired: false },
    { ...plain, name: 'new-url', describe: 'what replaces it', isRequired: false },
  ],
  options: { stateDir: listenOptions.stateDir, ...outputOptions },
  examples: [
    { line: 'distro web-seed list k3m9', does: 'where the run k3m9 may get bytes beside its peers, and how that goes' },
    {
      line: 'distro web-seed add k3m9 https://mirror.example/',
      does: 'where /app/ holds the tree app, from now on; nothing is started again',
    },
    {
      line: 'distro web-seed replace k3m9 https://mirror.example/ /mnt/mirror',
      does: 'in the midst of a transfer, without losing a byte',
    },
    { line: 'distro web-seed remove app-1.2 /mnt/mirror', does: 'a run may be named by what it transfers' },
  ],
  run: webSeed,
}

async function webSeed(context: CommandContext<WebSeedOptions>): Promise<number> {
  const { words, values, world, verbs, events, signal, printResult, printRecord, say } = context
  const [, run = ''] = words
  const action = actionOf(words, world.cwd)
  const result = await verbs.webSeed({ stateDir: stateFolder(values, world), run, action }, events, signal)
  if (action.kind !== 'list') {
    printRecord('web-seed-change', { run: result.run.id, removed: result.removed, added: result.added })
    say(sentenceOf(result))
    return 0
  }
  for (const each of result.webSeeds) printRecord('web-seed', { run: result.run.id, ...each })
  if (result.webSeeds.length === 0) say(`The run ${result.run.id} has no web seeds.`)
  else printResult(webSeedsTable(result.webSeeds, styleOf(world.stdout, world.env, values.color), world.stdout.columns))
  return 0
}

function actionOf([word = '', , ...given]: readonly string[], cwd: string): WebSeedAction {
  const kind = Object.keys(urlCounts).find((each): each is WebSeedAction['kind'] => each === word)
  if (kind === undefined) {
    throw new DistroError('USAGE', `distro web-seed cannot "${word}".`, { hint: 'It can list, add, remove and replace.' })
  }
  const [url = '', by = ''] = given.map((each) => placeOf(each, cwd))
  if (given.length !== urlCounts[kind] || given.includes('')) {
    const wanted = { list: 'no URL', add: 'one URL', remove: 'one URL', replace: 'two URLs, the old one and the new one,' }[kind]
    throw new DistroError('USAGE', `distro web-seed ${kind} takes ${wanted} after the run.`, {
      hint: 'distro web-seed --help shows examples.',
    })
  }
  if (kind === 'list') return { kind }
  return kind === 'replace' ? { kind, url, by } : { kind, url }
}

/** The path of a folder, which begins with a dot or a slash, absolute, for the run may have been started elsewhere; a URL as it is. */
function placeOf(word: string, cwd: string): string {
  return /^(?:\.{1,2}(?:\/|$)|\/)/.test(word) ? resolve(cwd, word) : word
}

function sentenceOf({ run, removed, added }: WebSeedResult): string {
  const whom = `the run ${run.id}${run.name === null ? '' : ` (${run.name})`}`
  if (removed === null) return `Added ${added} to ${whom}.`
  return added === null ? `Removed ${removed} from ${whom}.` : `Replaced ${removed} by ${added} in ${whom}.`
}
