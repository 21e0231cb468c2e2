import { connect, type Socket } from 'node:net'
import type { Clock } from '../../base/clock.ts'
import { DistroError } from '../../base/errors.ts'
import { systemCode } from '../../store/disk-error.ts'
import { type ControlAnswer, decodeAnswer } from './control-answer.ts'
import { type ControlRequest, encodeRequest } from './control-request.ts'
import { linesOf } from './lines-of.ts'
import { withSocketPath } from './runs-folder.ts'

/** Lines of one answer; a torrent may name hundreds of web seeds. */
const MAX_ANSWER_LINES = 100_000

/** How a question to a run ended. */
export type Outcome =
  /** All lines of the answer; the last one is `done` or `error`. */
  | { readonly kind: 'answered'; readonly answers: readonly ControlAnswer[]; readonly last: FinalAnswer }
  /** Nobody listens on the socket any more. */
  | { readonly kind: 'dead' }
  /** The run has ended, or ended before it answered, or is not ours to ask. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'silent' }
  | { readonly kind: 'garbled'; readonly fault: string }

/** The last line of an answer. */
export type FinalAnswer = Extract<ControlAnswer, { kind: 'done' | 'error' }>

/** For how long one waits, and what may end it. */
export interface Patience {
  readonly clock: Clock
  readonly patienceMs: number
  readonly signal: AbortSignal
}

/** Asks the run that listens on the socket `name` in `folder`. Rejects with the signal's reason only. */
export async function askRun(folder: string, name: string, request: ControlRequest, patience: Patience): Promise<Outcome> {
  const { clock, patienceMs, signal } = patience
  signal.throwIfAborted()
  let socket: Socket | undefined
  let isLate = false
  const hangUp = (): void => void socket?.destroy()
  const timer = clock.after(patienceMs, () => {
    isLate = true
    hangUp()
  })
  signal.addEventListener('abort', hangUp, { once: true })
  try {
    socket = await withSocketPath(folder, name, connected)
    socket.on('error', () => undefined)
    if (signal.aborted || isLate) hangUp()
    socket.write(encodeRequest(request))
    return await readAnswer(socket)
  } catch (error) {
    signal.throwIfAborted()
    if (isLate) return { kind: 'silent' }
    if (error instanceof DistroError) return { kind: 'garbled', fault: error.message.replace(/\.$/, '') }
    return outcomes[systemCode(error)] ?? { kind: 'gone' }
  } finally {
    timer.cancel()
    signal.removeEventListener('abort', hangUp)
    hangUp()
  }
}

function connected(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path)
    socket.once('error', reject)
    socket.once('connect', () => resolve(socket))
  })
}

/** What failures of a socket mean; EAGAIN: too many wait for the run to accept them. */
const outcomes: Readonly<Record<string, Outcome>> = { ECONNREFUSED: { kind: 'dead' }, EAGAIN: { kind: 'silent' } }

async function readAnswer(socket: Socket): Promise<Outcome> {
  const answers: ControlAnswer[] = []
  for await (const line of linesOf(socket)) {
    const answer = decodeAnswer(line)
    if (!answer.ok) return { kind: 'garbled', fault: answer.fault }
    answers.push(answer.value)
    if (answer.value.kind === 'done' || answer.value.kind === 'error') return { kind: 'answered', answers, last: answer.value }
    if (answers.length === MAX_ANSWER_LINES) return { kind: 'garbled', fault: `more than ${MAX_ANSWER_LINES} lines` }
  }
  return { kind: 'gone' }
}
