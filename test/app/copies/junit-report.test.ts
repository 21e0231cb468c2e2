import fc from 'fast-check'
import { expect, it, test } from 'vitest'
import { type JunitCase, junitReport } from '../../../src/app/copies/junit-report.ts'
import { readXml, type XmlElement } from '../../support/read-xml.ts'

const startedAt = new Date('2026-01-02T03:04:05.678Z')
const passed: JunitCase = { name: 'web-1', group: 'rack-a', seconds: 12.3456, verdict: 'passed' }
const failed: JunitCase = { name: 'web-2', group: 'hosts', seconds: 60, verdict: 'failed', message: 'missing' }
const skipped: JunitCase = { name: 'web-3', group: 'hosts', seconds: 60, verdict: 'skipped', message: 'on its way, 43 %' }

/** What the schema that came with Ant's task demands, and the later ones allow: https://github.com/windyroad/JUnit-Schema (JUnit.xsd). */
function expectValid(report: XmlElement): void {
  expect(report.name).toBe('testsuites')
  for (const suite of report.children) {
    expect(suite.name).toBe('testsuite')
    const { name, timestamp, hostname, tests, failures, errors, skipped: left, time, id, package: group, ...more } = suite.attributes
    expect(more).toEqual({})
    for (const text of [name, hostname, group]) expect(text).toMatch(/\S/)
    expect(timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/)
    for (const count of [tests, failures, errors, left, id]) expect(count).toMatch(/^\d+$/)
    expect(time).toMatch(/^\d+\.\d{3}$/)
    const order = suite.children.map((child) => child.name)
    const cases = suite.children.filter((child) => child.name === 'testcase')
    expect(order).toEqual(['properties', ...cases.map(() => 'testcase'), 'system-out', 'system-err'])
    expect(Number(tests)).toBe(cases.length)
    for (const one of cases) {
      expect(Object.keys(one.attributes).sort()).toEqual(['classname', 'name', 'time'])
      expect(one.children.length).toBeLessThanOrEqual(1)
    }
    const casesWith = (verdict: string): number => cases.filter((one) => one.children[0]?.name === verdict).length
    expect([Number(failures), Number(left)]).toEqual([casesWith('failure'), casesWith('skipped')])
  }
}

test('a suite has its cases with what they came to', () => {
  const text = junitReport({ name: 'app-1.2', startedAt, seconds: 60, cases: [passed, failed, skipped] })
  expectValid(readXml(text))
  expect(text.split('\n').slice(2, 7)).toEqual([
    '  <testsuite name="app-1.2" package="distro" id="0" hostname="localhost" timestamp="2026-01-02T03:04:05" tests="3" failures="1" errors="0" skipped="1" time="60.000">',
    '    <properties/>',
    '    <testcase name="web-1" classname="distro.rack-a" time="12.346"/>',
    '    <testcase name="web-2" classname="distro.hosts" time="60.000"><failure message="missing" type="missing"/></testcase>',
    '    <testcase name="web-3" classname="distro.hosts" time="60.000"><skipped message="on its way, 43 %"/></testcase>',
  ])
})

it('is valid XML whatever the names are, and gives them back where XML can hold them', () => {
  const names = fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }).map((text) => `x${text}`)
  const verdicts = fc.constantFrom('passed' as const, 'failed' as const, 'skipped' as const)
  const oneCase = fc.record({
    name: names,
    group: names,
    seconds: fc.double({ min: 0, max: 1e6, noNaN: true }),
    verdict: verdicts,
    message: names,
  })
  fc.assert(
    fc.property(names, fc.array(oneCase, { maxLength: 5 }), (name, cases) => {
      const report = readXml(junitReport({ name, startedAt, seconds: 1, cases }))
      expectValid(report)
      const read = report.children[0]?.children.filter((child) => child.name === 'testcase').map((one) => one.attributes.name)
      const held = cases.map((one) => one.name.replace(/[^\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd'))
      expect(read).toEqual(held)
    }),
  )
})
