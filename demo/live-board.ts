import { formatCount, formatRate, formatSize, percentOf } from '../src/base/format.ts'
import type { DistroEvent } from '../test/support/distro-process.ts'
import type { Leech } from './demo-swarm.ts'
import type { Ink } from './ink.ts'

const BAR_CELLS = { most: 36, fewest: 8 }
/** What a line holds beside its bar: name, share, size, rate and peers. */
const OTHER_CELLS = 54
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']
const REDRAW_MS = 100
const PLAIN_MS = 1_000

/** Where it is shown. */
export interface Screen {
  readonly isTTY: boolean
  /** Width in characters. */
  readonly columns: number
  write(text: string): void
}

/** One bar for each leech, read from what the leeches say; plain lines once a second where there is no terminal. */
export class LiveBoard {
  readonly #stream: Screen
  readonly #ink: Ink
  readonly #leeches: readonly Leech[]
  readonly #timer: NodeJS.Timeout
  #drawnLines = 0

  constructor(stream: Screen, ink: Ink, leeches: readonly Leech[]) {
    this.#stream = stream
    this.#ink = ink
    this.#leeches = leeches
    this.#timer = setInterval(() => this.#draw(), stream.isTTY ? REDRAW_MS : PLAIN_MS)
    this.#draw()
  }

  /** Draws the last state and leaves it on the screen. */
  stop(): void {
    clearInterval(this.#timer)
    this.#draw()
  }

  #draw(): void {
    if (!this.#stream.isTTY) {
      const shares = this.#leeches.map((leech) => `${leech.name} ${percentOf(...doneOf(leech))}%`)
      this.#stream.write(`  ${shares.join('  ')}\n`)
      return
    }
    const back = this.#drawnLines === 0 ? '' : `\u001b[${this.#drawnLines}A`
    const lines = this.#leeches.map((leech) => `\u001b[2K${this.#line(leech)}\n`)
    this.#drawnLines = lines.length
    this.#stream.write(back + lines.join(''))
  }

  #line(leech: Leech): string {
    const { bold, dim, green, cyan } = this.#ink
    const [done, total] = doneOf(leech)
    const progress = latest(leech)
    const isDone = leech.process.events('done').length > 0
    const cells = Math.max(BAR_CELLS.fewest, Math.min(BAR_CELLS.most, (this.#stream.columns || 80) - OTHER_CELLS))
    const bar = barOf(total === 0 ? 0 : done / total, cells)
    const share = `${String(percentOf(done, total)).padStart(3)} %  ${formatSize(done).padStart(9)}`
    const state = isDone
      ? green(`whole after ${Number(leech.process.events('done')[0]?.seconds ?? 0).toFixed(1)} s`)
      : dim(
          progress === undefined
            ? 'looking for peers'
            : `${formatRate(Number(progress.downBytesPerSecond)).padStart(11)}  ${formatCount(Number(progress.peers), 'peer')}`,
        )
    return `  ${bold(leech.name)}  ${(isDone ? green : cyan)(bar)}  ${share}   ${state}`
  }
}

function doneOf(leech: Leech): [done: number, total: number] {
  const [done] = leech.process.events('done')
  if (done !== undefined) return [Number(done.bytes), Number(done.bytes)]
  const progress = latest(leech)
  return [Number(progress?.bytesDone ?? 0), Number(progress?.bytesTotal ?? 0)]
}

function latest(leech: Leech): DistroEvent | undefined {
  return leech.process.events('progress').findLast(({ phase }) => phase === 'fetch')
}

function barOf(share: number, cells: number): string {
  const eighths = Math.floor(share * cells * 8)
  const full = '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '')
  return full.padEnd(cells, '·')
}
