import { expect, it } from 'vitest'
import { HostTwins } from '../../../src/app/copies/host-twins.ts'

const copy = (hostId: string | undefined, hostName: string | undefined) => ({ hostId, hostName })

it('a host that comes under a second name is noticed once', () => {
  const twins = new HostTwins()
  expect(twins.note(copy('aa', 'web-1'), true)).toBeUndefined()
  expect(twins.note(copy('aa', 'web-1'), false)).toBeUndefined()
  expect(twins.note(copy('bb', 'web-3'), true)).toBeUndefined()
  expect(twins.note(copy('aa', 'web-2'), false)).toBe('web-1')
  expect(twins.note(copy('aa', 'web-2'), false)).toBeUndefined()
})

it('hosts without a name or a number, and those that are not counted, are nobody else', () => {
  const twins = new HostTwins()
  expect(twins.note(copy(undefined, 'web-1'), true)).toBeUndefined()
  expect(twins.note(copy('aa', undefined), true)).toBeUndefined()
  expect(twins.note(copy('bb', 'web-1'), false)).toBeUndefined()
  expect(twins.note(copy('bb', 'web-2'), false)).toBeUndefined()
})
