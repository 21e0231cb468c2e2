import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { unlessAborted, untilAborted, within } from '../../src/app/waiting.ts'

const endless = new Promise<number>(() => undefined)

describe('waiting', () => {
  it('gives what is waited for, and leaves no listener with a signal that lives on', async () => {
    const { signal } = new AbortController()
    expect(await unlessAborted(Promise.resolve(1), signal)).toBe(1)
    expect(await untilAborted(Promise.resolve(2), signal)).toBe(2)
    await expect(unlessAborted(Promise.reject(new RangeError('no')), signal)).rejects.toThrow('no')
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  it.each(['before', 'while'])('ends when the signal is aborted %s one waits', async (when) => {
    const controller = new AbortController()
    if (when === 'before') controller.abort('enough')
    const outcomes = [expect(unlessAborted(endless, controller.signal)).rejects.toBe('enough'), untilAborted(endless, controller.signal)]
    controller.abort('enough')
    expect((await Promise.all(outcomes))[1]).toBe(undefined)
    expect(getEventListeners(controller.signal, 'abort')).toEqual([])
  })

  it('hears of a failure that comes after the signal, so that it ends no process', async () => {
    const controller = new AbortController()
    let fail = (): void => undefined
    const late = new Promise<number>((_resolve, reject) => {
      fail = () => reject(new RangeError('late'))
    })
    controller.abort()
    expect(await untilAborted(late, controller.signal)).toBe(undefined)
    fail()
    await new Promise((resolve) => setImmediate(resolve))
  })

  it('waits no longer than it was told', async () => {
    expect(await within(Promise.resolve(1), 60_000)).toBe(1)
    expect(await within(endless, 1)).toBe(undefined)
  })
})
