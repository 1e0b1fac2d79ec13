import { describe, expect, it } from 'vitest'
import { isEventStream, mayEndByItself, statedLength } from '../../src/proxy/body.ts'

describe('a length', () => {
  const of = (value: string | null) =>
    statedLength(new Headers(value === null ? {} : { 'Content-Length': value }))

  it('is digits, as RFC 9110 §8.6 has them, or none is stated', () => {
    expect(['0', '00012', '262144'].map(of)).toEqual([0, 12, 262_144])
    expect([null, '', '-1', '1e3', '0x10', '12, 12', '1.5', '9'.repeat(30)].map(of)).toEqual(
      Array(8).fill(null),
    )
  })

  it('of a quarter of a MiB and no more lets an answer end by itself', () => {
    const may = (length: string) =>
      mayEndByItself(new Headers({ 'Content-Length': length }), 'watch')
    expect(['0', '262144', '262145', '', 'x'].map(may)).toEqual([true, true, false, false, false])
  })
})

describe('isEventStream', () => {
  it('goes by the media type, in any case, with or without parameters', () => {
    const is = (type: string) => isEventStream(new Headers({ 'Content-Type': type }))
    expect(['text/event-stream', 'Text/Event-Stream;charset=utf-8'].map(is)).toEqual([true, true])
    expect(['text/plain', 'text/event-streams', 'x/text/event-stream', ''].map(is)).toEqual([
      false,
      false,
      false,
      false,
    ])
    expect(isEventStream(new Headers())).toBe(false)
    const others = [
      'application/x-ndjson',
      'application/jsonl; charset=utf-8',
      'application/json-seq',
      'application/stream+json',
      'multipart/x-mixed-replace; boundary=f',
    ]
    expect(others.filter((type) => !is(type))).toEqual([])
    expect(['application/json', 'multipart/mixed'].filter(is)).toEqual([])
  })
})
