import { resolve } from 'node:path'
import { Child, type ChildOptions } from './child.ts'

/** One line of `--json` output. */
export interface DistroEvent {
  readonly type: string
  readonly time: string
  readonly [field: string]: unknown
}

/** Which distro to start, and in what surroundings. */
export interface DistroOptions extends ChildOptions {
  /** Its bin/distro.js; the built one of this repository when left out. */
  readonly program?: string
  /** Words that stand before the command, such as those that enter another network. */
  readonly enter?: readonly string[]
}

/** The built command as a process of its own, closed off from the settings of whoever runs the tests. */
export class DistroProcess extends Child {
  constructor(words: readonly string[], { program = resolve('bin/distro.js'), enter = [], env = {}, ...options }: DistroOptions = {}) {
    const [command = '', ...rest] = [...enter, process.execPath, program, ...words]
    super(command, rest, { env: { ...cleanEnvironment(), ...env }, ...options })
  }

  /** Every event so far, of `type` when it is given. */
  events(type?: string): DistroEvent[] {
    return this.stdout.map(toEvent).filter((event) => event !== undefined && (type === undefined || event.type === type)) as DistroEvent[]
  }

  /** The first event of `type` that `accepts` likes, past or to come. */
  event(type: string, { accepts = () => true, timeoutMs }: EventOptions = {}): Promise<DistroEvent> {
    return this.find(
      `event "${type}"`,
      (line) => {
        const event = toEvent(line)
        return event?.type === type && accepts(event) ? event : undefined
      },
      timeoutMs,
    )
  }
}

/** Which event, and for how long to wait. */
export interface EventOptions {
  readonly accepts?: (event: DistroEvent) => boolean
  readonly timeoutMs?: number
}

function toEvent(line: string): DistroEvent | undefined {
  return line.startsWith('{') ? (JSON.parse(line) as DistroEvent) : undefined
}

function cleanEnvironment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(DISTRO_|XDG_|VITEST|NODE_OPTIONS$|FORCE_COLOR$)/.test(name))
  return { ...Object.fromEntries(own), NO_COLOR: '1' }
}
