// A fetch in a process of its own, to be killed: prints the pieces that it found, then each piece that it stored.
import { argv, stdout } from 'node:process'
import { commitPiece, openFetch, pieceBytesOf } from './driven-store.ts'
import { killedSample } from './killed-sample.ts'

const store = await openFetch(killedSample, argv[2] ?? '', { overwrite: true })
const found = [...new Array(store.verified.length).keys()].filter((piece) => store.verified.has(piece))
stdout.write(`found ${found.join(',')}\n`)
const order = [...new Array(store.verified.length).keys()].filter((piece) => !store.verified.has(piece))
order.sort((left, right) => ((left * 31) % 17) - ((right * 31) % 17))
for (const piece of order) {
  await commitPiece(store, piece, pieceBytesOf(killedSample, piece))
  stdout.write(`stored ${piece}\n`)
}
await store.place()
stdout.write('placed\n')
await store.close()
