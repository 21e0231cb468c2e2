import { Bitfield } from '../../../src/base/bitfield.ts'
import type { Scenario } from '../scenario.ts'
import type { Simulation } from '../simulation.ts'
import { equalHosts, startTogether, watchPieces } from './building-blocks.ts'

/** The origin goes as soon as all others together have one copy: from then on every piece is somewhere, and no longer with the origin. */
export const originLeaves: Scenario = {
  name: 'origin-leaves',
  summary: 'the origin leaves at the moment when one copy is out',
  hosts: equalHosts,
  script,
}

function script(run: Simulation): void {
  const out = new Bitfield(run.torrent.pieceCount)
  let leftMs = Number.NaN
  watchPieces(run, (piece) => {
    if (!out.add(piece) || !out.isComplete) return
    leftMs = run.events.nowMs()
    run.events.soon(() => run.stop(run.origin, 'leaves'))
  })
  startTogether(run)
  run.addFigures(() => ({ originLeftOverBound: leftMs / run.boundMs }))
}
