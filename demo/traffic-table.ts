import { MiB } from '../src/base/units.ts'
import type { Ink } from './ink.ts'
import { sentBy, type Traffic } from './traffic.ts'

const CELL = 9
/** Room for the receiver's name. */
const NAME_CELL = 10

/** A line for everybody who received something, a column for each sender, and what each gave in all. */
export function trafficTable(names: readonly string[], traffic: Traffic, { bold, dim }: Ink): string {
  const cell = (text: string): string => text.padStart(CELL)
  const head = dim(`${'MiB from'.padStart(NAME_CELL)}${[...names, 'in all'].map(cell).join('')}`)
  const rows = names.flatMap((name) => {
    const received = traffic.get(name)
    const all = [...(received?.values() ?? [])].reduce((sum, bytes) => sum + bytes, 0)
    if (received === undefined || all === 0) return []
    const cells = names.map((sender) => cell(sender === name ? '·' : inMiB(received.get(sender) ?? 0)))
    return [bold(name.padStart(NAME_CELL)) + cells.join('') + cell(inMiB(all))]
  })
  const sent = names.map((name) => sentBy(name, traffic))
  const total = sent.reduce((sum, bytes) => sum + bytes, 0)
  return [head, ...rows, dim('gave'.padStart(NAME_CELL)) + [...sent, total].map((bytes) => cell(inMiB(bytes))).join('')].join('\n')
}

function inMiB(bytes: number): string {
  return (bytes / MiB).toFixed(1)
}
