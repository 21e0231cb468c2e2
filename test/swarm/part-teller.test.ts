import { expect, it } from 'vitest'
import type { BlockSource } from '../../src/swarm/block-source.ts'
import { LIMITS } from '../../src/swarm/limits.ts'
import { PartQuestions } from '../../src/swarm/part-questions.ts'
import { ManualClock } from '../support/manual-clock.ts'

it('who told sums for a piece that was wrong is asked on, unless too many are wrong for what it told', async () => {
  const clock = new ManualClock()
  const questions = new PartQuestions(clock)
  const asked: number[] = []
  const source = { tellsParts: true, askForParts: ({ piece }: { piece: number }) => asked.push(piece) } as unknown as BlockSource
  const answer = (piece: number): void => {
    questions.ask(source, { piece, blocks: [0] }, 4, () => undefined)
    expect(questions.onAnswer(source, { piece, blocks: [0], sums: new Uint8Array(4) })).toBe(true)
  }
  answer(0)
  for (let wrong = 1; wrong <= LIMITS.partWrongPieces; wrong++) {
    questions.onWrong(source)
    expect(questions.mayAsk(source)).toBe(true)
  }
  questions.onWrong(source)
  expect(questions.mayAsk(source)).toBe(false)
  await clock.advance(LIMITS.partRetryMs)
  for (let piece = 1; piece < 2 * LIMITS.partAnswersPerWrong; piece++) answer(piece)
  questions.onWrong(source)
  expect(questions.mayAsk(source)).toBe(true)
  questions.onWrong(source)
  expect(questions.mayAsk(source)).toBe(false)
  expect(asked).toHaveLength(2 * LIMITS.partAnswersPerWrong)
})
