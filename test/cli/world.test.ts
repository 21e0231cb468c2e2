import { expect, it, onTestFinished } from 'vitest'
import { processWorld } from '../../src/cli/world.ts'

it('a signal that comes after the last listener has let go does not end the process', async () => {
  const before = process.listeners('SIGHUP')
  onTestFinished(() => {
    for (const listener of process.listeners('SIGHUP')) if (!before.includes(listener)) process.off('SIGHUP', listener)
  })
  let heard = 0
  const unlisten = processWorld().onSignal(() => heard++)
  process.kill(process.pid, 'SIGHUP')
  while (heard === 0) await new Promise(setImmediate)
  unlisten()
  expect(process.listenerCount('SIGHUP')).toBeGreaterThan(before.length)
  process.kill(process.pid, 'SIGHUP')
  // It is here when the one that was sent after it is.
  await new Promise((resolve) => {
    process.once('SIGHUP', resolve)
    process.kill(process.pid, 'SIGHUP')
  })
  expect(heard).toBe(1)
})
