import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { Deadline } from '../../../src/app/resolve/deadline.ts'

const aborted = (signal: AbortSignal) => new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))

describe('Deadline', () => {
  it('aborts its signal once the time is over, and says so', async () => {
    const deadline = new Deadline(new AbortController().signal, 5)
    await aborted(deadline.signal)
    expect(deadline.isLate).toBe(true)
  })

  it('follows the other signal, with its reason', async () => {
    const controller = new AbortController()
    const deadline = new Deadline(controller.signal, 60_000)
    controller.abort('stopped')
    expect(deadline.signal).toMatchObject({ aborted: true, reason: 'stopped' })
    expect(deadline.isLate).toBe(false)
    deadline.stop()
    const late = new Deadline(controller.signal, 60_000)
    expect(late.signal.aborted).toBe(true)
    late.stop()
  })

  it('leaves neither timer nor listener behind when it is stopped', () => {
    const controller = new AbortController()
    new Deadline(controller.signal, 60_000).stop()
    expect(getEventListeners(controller.signal, 'abort')).toEqual([])
  })
})
