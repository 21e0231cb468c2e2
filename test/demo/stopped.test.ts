import { expect, test } from 'vitest'
import { Child } from '../support/child.ts'

test('a demonstration that is stopped says so, says nothing after it, and ends as a command that SIGINT ended', async () => {
  const demo = new Child(process.execPath, ['scripts/demo.js'], { env: process.env })
  await demo.find('the first step', (line) => (line.includes('the only address that anybody is told') ? line : undefined))
  demo.signal('SIGINT')
  expect(await demo.exited, demo.output).toEqual({ code: 130, signal: null })
  expect(demo.stdout.filter((line) => line !== '').at(-1)).toBe('The demonstration was stopped by SIGINT.')
})
