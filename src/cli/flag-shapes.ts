import type { AnyCommand } from './command-list.ts'
import { flagName, type Option } from './option.ts'

/** How a flag is written: with a value, as a switch that may have one, or bare. */
export type FlagShape = Option<unknown>['shape'] | 'bare'

/** Every way in which a flag of `command` may begin, such as `--out`, `-o`, `--no-dht` and `--help`. */
export function flagShapes(command: AnyCommand): ReadonlyMap<string, FlagShape> {
  const shapes = new Map<string, FlagShape>()
  for (const [name, option] of Object.entries(command.options)) {
    shapes.set(`--${flagName(name)}`, option.shape)
    if (option.shape === 'switch') shapes.set(`--no-${flagName(name)}`, 'bare')
    if (option.letter !== undefined) shapes.set(`-${option.letter}`, option.shape)
  }
  return shapes.set('--help', 'bare')
}
