import { describe, expect, it } from 'vitest'
import { type Contest, describeWith, holdContest } from '../../bench/harness/contest.ts'
import type { Options } from '../../bench/harness/options.ts'
import { DistroError } from '../../src/base/errors.ts'

/** Options of a person who named no more than these, and what that person is told. */
function watched(chosen: Partial<Options> = {}): { readonly options: Options; readonly said: string[] } {
  const said: string[] = []
  return { options: { warmUp: true, save: false, distro: [], say: (line) => said.push(line), ...chosen }, said }
}

/** Two contestants that are done at once. */
function contestOf(more: Partial<Contest<number>>): Contest<number> {
  const contestants = new Map([
    ['one', 1],
    ['two', 2],
  ])
  return { contestants, usualRounds: 2, warmsUp: false, measure: async (value) => ({ intact: true, metrics: { value } }), ...more }
}

describe('a contest', () => {
  it('measures everybody once a round, by turns', async () => {
    const runs = await holdContest(watched().options, contestOf({}))
    expect(runs.map(({ client, round, metrics }) => [client, round, metrics.value])).toEqual([
      ['two', 1, 2],
      ['one', 1, 1],
      ['one', 2, 1],
      ['two', 2, 2],
    ])
  })

  it('does not count the round that warms up, and runs as many rounds as the person said', async () => {
    const rounds: number[] = []
    const measure = async (_value: number, _name: string, round: number) => {
      rounds.push(round)
      return { intact: true, metrics: {} }
    }
    const runs = await holdContest(watched({ rounds: 1 }).options, contestOf({ warmsUp: true, measure }))
    expect([rounds, runs.map(({ round }) => round)]).toEqual([
      [0, 0, 1, 1],
      [1, 1],
    ])
  })

  it('goes on after a run that failed, and says why it did', async () => {
    const { options, said } = watched({ rounds: 1 })
    const measure = async (value: number) => {
      if (value === 2) throw new DistroError('INTERNAL', 'two ended with code 1', { hint: 'no such file' })
      return { intact: false, metrics: { value } }
    }
    const runs = await holdContest(options, contestOf({ measure, describe: describeWith('DAMAGED') }))
    expect(runs[0]).toMatchObject({ client: 'two', intact: false, metrics: {}, failure: 'two ended with code 1. no such file' })
    expect(said).toEqual(['round 1 two: two ended with code 1. no such file DAMAGED', 'round 1 one: {"value":1} DAMAGED'])
  })

  it('ends with any other error', async () => {
    const measure = () => Promise.reject(new RangeError('a bug'))
    await expect(holdContest(watched().options, contestOf({ measure }))).rejects.toThrow(RangeError)
  })
})
