/** The folders of src and their imports, as a Mermaid flowchart. */
import { folderOf, importsOf, inside } from './imports.ts'

type Edges = ReadonlyMap<string, ReadonlySet<string>>

/** The files of src that are in no folder. */
const TOP = 'app'

/**
 * @param sources path below src → text.
 * @param layout the lines of "The layout": `src/site/   what it is`.
 */
export function drawRooms(sources: ReadonlyMap<string, string>, layout: string): string {
  const edges = reduced(edgesBetween(sources))
  const lines = [...edges.keys()].flatMap((room) => drawRoom(room, sources, layout))
  const arrows = [...edges].flatMap(([from, to]) =>
    [...to].toSorted().map((each) => `  ${from} --> ${each}`),
  )
  return ['flowchart TB', ...lines, ...arrows].join('\n')
}

function drawRoom(room: string, sources: ReadonlyMap<string, string>, layout: string): string[] {
  if (room === TOP) {
    const files = [...sources.keys()].filter((file) => folderOf(file) === '').toSorted()
    return [`  ${TOP}(["${files.join(', ')}"])`]
  }
  const parts = [...new Set([...sources.keys()].flatMap((file) => partOf(room, file)))].toSorted()
  const words = wordsOf(`src/${room}/`, layout)
  if (parts.length === 0) return [`  ${room}["<b>${room}</b><br>${words}"]`]
  return [
    `  subgraph ${room}["<b>${room}</b>: ${words}"]`,
    ...parts.map((part) => `    ${room}.${part}["${part}"]`),
    ...[...reduced(edgesInside(room, parts, sources))].flatMap(([from, to]) =>
      [...to].map((each) => `    ${room}.${from} --> ${room}.${each}`),
    ),
    '  end',
  ]
}

/** The folder in a room that a file is in. */
function partOf(room: string, file: string): string[] {
  const [first = '', second = '', ...more] = file.split('/')
  return first === room && more.length > 0 ? [second] : []
}

/** What the layout says of a folder, up to the first colon or semicolon. */
function wordsOf(folder: string, layout: string): string {
  const line = layout.split('\n').find((each) => each.startsWith(`${folder} `))
  if (!line) throw new Error(`${folder} has no line in "The layout" of docs/architecture.md.`)
  return (line.slice(folder.length).trim().split(/[:;]/)[0] ?? '').replaceAll('`', '')
}

function edgesBetween(sources: ReadonlyMap<string, string>): Edges {
  const roomOf = (file: string) => folderOf(file) || TOP
  const rooms = [...new Set([...sources.keys()].map(roomOf))].toSorted()
  return edgesOf(rooms, sources, (file) => [roomOf(file)])
}

const edgesInside = (
  room: string,
  parts: readonly string[],
  sources: ReadonlyMap<string, string>,
) => edgesOf(parts, sources, (file) => partOf(room, file))

function edgesOf(
  rooms: readonly string[],
  sources: ReadonlyMap<string, string>,
  roomsOf: (file: string) => readonly string[],
): Edges {
  const edges = new Map(rooms.map((room) => [room, new Set<string>()]))
  for (const [file, text] of sources) {
    const targets = importsOf(file, text).filter(({ to }) => to.startsWith('.'))
    for (const target of targets.map(inside)) {
      if (target.startsWith('..')) continue
      for (const from of roomsOf(file)) {
        for (const to of roomsOf(target)) if (to !== from) edges.get(from)?.add(to)
      }
    }
  }
  return edges
}

/** Without the arrows that a chain of others implies. */
function reduced(edges: Edges): Edges {
  const below = new Map<string, ReadonlySet<string>>()
  const reach = (room: string, path: readonly string[]): ReadonlySet<string> => {
    if (path.includes(room)) throw new Error(`A circle: ${[...path, room].join(' → ')}.`)
    const known = below.get(room)
    if (known) return known
    const next = [...(edges.get(room) ?? [])]
    const all = new Set(next.flatMap((to) => [to, ...reach(to, [...path, room])]))
    below.set(room, all)
    return all
  }
  for (const room of edges.keys()) reach(room, [])
  return new Map(
    Array.from(edges, ([room, to]) => {
      const isImplied = (target: string) => [...to].some((other) => below.get(other)?.has(target))
      return [room, new Set([...to].filter((target) => !isImplied(target)))]
    }),
  )
}
