import { dirname, join, resolve } from 'node:path'
import { DistroError } from '../base/errors.ts'
import { readConfigFile, type Settings } from './config-file.ts'
import { nearestWord } from './nearest-word.ts'
import { flagName, type Option, type OptionTable, type Values, variableName } from './option.ts'
import type { World } from './world.ts'

/** What was written on the command line: the texts of each flag by camel-case name, in order. */
export type GivenFlags = ReadonlyMap<string, readonly string[]>

/** How one option came to its value, in words. */
export interface Setting {
  /** The value as it was written, without what is secret; for a fallback, what help says of it. */
  readonly text: string
  /** `flag`, `default`, the name of a variable, or the place in a config file. */
  readonly origin: string
}

/** The values of a table of options, and how each came about. */
export interface ResolvedOptions<Table extends OptionTable> {
  readonly values: Values<Table>
  readonly settings: ReadonlyMap<string, Setting>
}

/** One place in which settings may stand. */
interface Layer {
  readonly origin: (name: string) => string
  readonly baseDir: string
  readonly isTrusted: boolean
  readonly isFlags: boolean
  textsOf(name: string): readonly string[] | undefined
}

/**
 * Reads each option of `table` from the first that has it: flags, `DISTRO_<FLAG>`, `./distro.config.json`,
 * `$XDG_CONFIG_HOME/distro/config.json`; else its fallback. `knownNames` are those of the flags of all verbs, which a config file may mention.
 */
export async function resolveOptions<Table extends OptionTable>(
  table: Table,
  given: GivenFlags,
  knownNames: () => Promise<readonly string[]>,
  world: World,
): Promise<ResolvedOptions<Table>> {
  const layers = [flagLayer(given, world), environmentLayer(world), ...(await fileLayers(given, knownNames, world))]
  const values: Record<string, unknown> = {}
  const settings = new Map<string, Setting>()
  for (const [name, option] of Object.entries(table)) {
    const { value, setting } = readOption(name, option, layers)
    values[name] = value
    settings.set(name, setting)
  }
  return { values: values as Values<Table>, settings }
}

function readOption(name: string, option: Option<unknown>, layers: readonly Layer[]): { value: unknown; setting: Setting } {
  for (const layer of layers) {
    const texts = layer.textsOf(name)
    if (texts === undefined) continue
    if (!layer.isFlags && option.givenBy === 'flag') {
      // DISTRO_NAME and its like are also what a --on-done command is told, so a variable of that name may mean something else.
      if (!layer.origin(name).startsWith('DISTRO_')) throw refused(layer.origin(name), 'can only be given as a flag')
      continue
    }
    if (!layer.isTrusted && option.givenBy === 'trusted')
      throw refused(layer.origin(name), 'would run a command or lead to servers, and is not read from the working folder')
    if (option.shape !== 'list' && texts.length > 1)
      throw wrong(layer, `${layer.origin(name)} is given ${texts.length} times.`, 'Give it once.')
    const value = option.read(texts, { baseDir: layer.baseDir })
    if (value === undefined)
      throw wrong(layer, `${layer.origin(name)} expects ${option.expects}, not ${quoted(texts.map(option.show))}.`, meaningOf(name, option))
    const text = option.shape === 'switch' ? String(value) : texts.map(option.show).join(' ')
    return { value, setting: { text, origin: layer.isFlags ? 'flag' : layer.origin(name) } }
  }
  return { value: option.fallback, setting: { text: option.fallbackText, origin: 'default' } }
}

function flagLayer(given: GivenFlags, world: World): Layer {
  return {
    origin: (name) => `--${flagName(name)}`,
    baseDir: world.cwd,
    isTrusted: true,
    isFlags: true,
    textsOf: (name) => given.get(name),
  }
}

function environmentLayer(world: World): Layer {
  return {
    origin: variableName,
    baseDir: world.cwd,
    isTrusted: true,
    isFlags: false,
    textsOf(name) {
      const text = world.env[variableName(name)]
      // Like an unset one: that is how a variable is cleared in most CI systems.
      return text === undefined || text === '' ? undefined : [text]
    },
  }
}

async function fileLayers(given: GivenFlags, knownNames: () => Promise<readonly string[]>, world: World): Promise<readonly Layer[]> {
  const asked = given.get('config')?.[0]
  const local = asked === undefined ? join(world.cwd, 'distro.config.json') : resolve(world.cwd, asked)
  const home = world.env.XDG_CONFIG_HOME || (world.home === undefined ? undefined : join(world.home, '.config'))
  const paths = [
    { path: local, mustExist: asked !== undefined, isTrusted: asked !== undefined },
    ...(home === undefined ? [] : [{ path: join(home, 'distro', 'config.json'), mustExist: false, isTrusted: true }]),
  ]
  const layers: Layer[] = []
  for (const { path, mustExist, isTrusted } of paths) {
    const settings = await readConfigFile(path, mustExist)
    if (settings !== undefined) layers.push(fileLayer(path, settings, isTrusted, await knownNames()))
  }
  return layers
}

function fileLayer(path: string, settings: Settings, isTrusted: boolean, known: readonly string[]): Layer {
  const flags = known.map(flagName)
  for (const key of settings.keys()) {
    if (flags.includes(key)) continue
    const near = nearestWord(key, flags)
    throw new DistroError('CONFIG_INVALID', `"${key}" in ${path} is not a setting.`, {
      hint: near === undefined ? '`distro config` lists all settings.' : `Did you mean "${near}"?`,
    })
  }
  return {
    origin: (name) => `"${flagName(name)}" in ${path}`,
    baseDir: dirname(path),
    isTrusted,
    isFlags: false,
    textsOf: (name) => settingTexts(settings.get(flagName(name)), `"${flagName(name)}" in ${path}`),
  }
}

function settingTexts(setting: unknown, origin: string): readonly string[] | undefined {
  if (setting === undefined || setting === null) return undefined
  const items = Array.isArray(setting) ? setting : [setting]
  const texts = items.filter((item) => ['string', 'number', 'boolean'].includes(typeof item)).map(String)
  if (texts.length === items.length) return texts
  throw new DistroError('CONFIG_INVALID', `${origin} must be text, a number, true, false, or a list of these.`, {
    hint: 'A list is for a flag that may be repeated: "exclude": ["*.map", "tmp/"].',
  })
}

function quoted(texts: readonly string[]): string {
  return texts.map((text) => `"${text.length > 80 ? `${text.slice(0, 80)}...` : text}"`).join(', ')
}

function refused(origin: string, reason: string): DistroError {
  return new DistroError('CONFIG_INVALID', `${origin} ${reason}.`, { hint: 'Give it on the command line.' })
}

function meaningOf(name: string, option: Option<unknown>): string {
  if (option.advice !== undefined) return option.advice
  return `--${flagName(name)}${option.placeholder === '' ? '' : ` ${option.placeholder}`}: ${option.describe}.`
}

function wrong(layer: Layer, sentence: string, hint: string): DistroError {
  if (layer.isFlags) return new DistroError('USAGE', sentence, { hint })
  return new DistroError('CONFIG_INVALID', sentence, { hint })
}
