/** The drawings of docs/architecture.md say what the source says, or are not made. */
import { describe, expect, it } from 'vitest'
import { drawFlow, type Part } from '../scripts/draw-flow.ts'
import { drawRooms } from '../scripts/rooms.ts'

const layout = ['src/top/   above: all', 'src/mid/   between', 'src/low/   `below`; the rest'].join(
  '\n',
)
const house = (more: Readonly<Record<string, string>> = {}): ReadonlyMap<string, string> =>
  new Map(
    Object.entries({
      'index.ts': "import { a } from './top/a.ts'\n",
      'top/a.ts': "import { b } from '../mid/b.ts'\nimport type { C } from '../low/c.ts'\n",
      'mid/b.ts': "import { c } from '../low/c.ts'\nimport { hono } from 'hono'\n",
      'low/c.ts': 'export const c = 1\n',
      ...more,
    }),
  )

describe('the drawing of the rooms', () => {
  it('has each folder with its words, and no arrow that a chain of others implies', () => {
    expect(drawRooms(house(), layout).split('\n')).toEqual([
      'flowchart TB',
      '  app(["index.ts"])',
      '  low["<b>low</b><br>below"]',
      '  mid["<b>mid</b><br>between"]',
      '  top["<b>top</b><br>above"]',
      '  app --> top',
      '  mid --> low',
      '  top --> mid',
    ])
  })

  it('has an arrow once nothing else implies it', () => {
    const drawing = drawRooms(house({ 'mid/b.ts': 'export const b = 1\n' }), layout)
    expect(drawing).toContain('  top --> low')
    expect(drawing).not.toContain('  mid --> low')
  })

  it('draws the folders in a room inside of it', () => {
    const inner = {
      'low/one/a.ts': "import { b } from '../two/b.ts'\nimport { c } from '../c.ts'\n",
      'low/two/b.ts': 'export const b = 1\n',
    }
    const drawing = drawRooms(house(inner), layout)
    expect(drawing).toContain('  subgraph low["<b>low</b>: below"]\n    low.one["one"]')
    expect(drawing).toContain('    low.one --> low.two\n  end')
  })

  it('is not made of rooms in a circle', () => {
    const circle = { 'low/c.ts': "import { a } from '../top/a.ts'\n" }
    expect(() => drawRooms(house(circle), layout)).toThrow('A circle: app → top → mid → low → top.')
  })

  it('is not made of a folder that the layout does not have', () => {
    expect(() => drawRooms(house({ 'new/a.ts': '' }), layout)).toThrow(
      'src/new/ has no line in "The layout"',
    )
  })
})

const source = `
import { decide } from '../policy/decide.ts'
import { toBytes } from '../lib/bytes.ts'

export async function gate(
  request: Request,
  deps: Deps,
): Promise<Response> {
  // undrawn(request) is named in a comment only
  const session = await deps.readSession(toBytes(request))
  if (decide(session)) return letIn(session)
  return denied()
}

function letIn(session: Session): Response {
  return undrawn(session)
}

const denied = (): Response => new Response(null)
const undrawn = (session: Session): Response => new Response(session)
`

const part = (calls: readonly string[], leftOut: Part['leftOut'] = []): Part => ({
  file: 'proxy/gate.ts',
  begins: 'export async function gate(',
  steps: calls.map((call) => ({ calls: [call], draws: [`Note over G: ${call}`], isEnd: false })),
  leftOut,
})
const draw = (...parts: readonly Part[]) =>
  drawFlow({ parties: ['participant G as Gatehouse'], parts }, new Map([['proxy/gate.ts', source]]))

describe('the drawing of a flow', () => {
  it('has the steps in the order of the calls', () => {
    expect(draw(part(['readSession', 'decide', 'letIn'], ['denied'])).split('\n')).toEqual([
      'sequenceDiagram',
      '  participant G as Gatehouse',
      '  Note over G: readSession',
      '  Note over G: decide',
      '  Note over G: letIn',
    ])
  })

  it('has a step of a module that the source loads on demand', () => {
    const text = `async function gate() {
      const { letIn, unasked } = await findSteps()
      return letIn()
    }`
    const parts = [{ ...part(['letIn']), begins: 'async function gate(' }]
    const sources = new Map([['proxy/gate.ts', text]])
    expect(drawFlow({ parties: [], parts }, sources)).toContain('Note over G: letIn')
    const none = [{ ...part([]), begins: 'async function gate(' }]
    expect(() => drawFlow({ parties: [], parts: none }, sources)).toThrow('calls letIn')
  })

  it('is not made in another order', () => {
    expect(() => draw(part(['decide', 'readSession', 'letIn'], ['denied']))).toThrow(
      'calls readSession, decide, letIn in this order: decide is elsewhere.',
    )
  })

  it('is not made of a call that is no longer there', () => {
    expect(() => draw(part(['readSession', 'decide', 'audit', 'letIn'], ['denied']))).toThrow(
      'no longer calls audit: take it out.',
    )
    expect(() => draw(part(['readSession', 'decide', 'letIn'], ['denied', 'undrawn']))).toThrow(
      'no longer calls undrawn: take it out.',
    )
  })

  it('is not made without a call that is there, unless the main steps are enough', () => {
    expect(() => draw(part(['readSession', 'letIn'], ['denied']))).toThrow(
      'calls decide: give it a step, or leave it out by name.',
    )
    expect(draw(part(['readSession', 'letIn'], null))).not.toContain('decide')
  })

  it('is not made of a function that is not there', () => {
    const gone = { ...part([]), begins: 'export function gateway(' }
    expect(() => draw(gone)).toThrow('proxy/gate.ts has no "export function gateway(".')
  })
})
