/** `npm run drawing` makes the drawings of docs/architecture.md anew, from the source. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../cli/project.ts'
import { drawFlow } from './draw-flow.ts'
import { otherSiteFlow } from './flow-other-site.ts'
import { requestFlow, signInFlow } from './flows.ts'
import { readSources } from './imports.ts'
import { drawRooms } from './rooms.ts'

/** The document with each drawing between its two comments as the source has it now. */
export function withDrawings(document: string, sources: ReadonlyMap<string, string>): string {
  const [, layout = ''] = /^## The layout\n[\s\S]*?^```\n([\s\S]*?)^```$/m.exec(document) ?? []
  const drawings = {
    rooms: drawRooms(sources, layout),
    request: drawFlow(requestFlow, sources),
    'sign-in': drawFlow(signInFlow, sources),
    'other-site': drawFlow(otherSiteFlow, sources),
  }
  return Object.entries(drawings).reduce((text, [name, drawing]) => {
    const [begin, end] = [`<!-- ${name}: npm run drawing -->`, `<!-- end of ${name} -->`]
    const [from, to] = [text.indexOf(begin), text.indexOf(end)]
    if (from < 0 || to < from) throw new Error(`There is no ${begin} … ${end} in the document.`)
    return `${text.slice(0, from)}${begin}\n\n\`\`\`mermaid\n${drawing}\n\`\`\`\n\n${text.slice(to)}`
  }, document)
}

if (import.meta.main) {
  const path = join(root, 'docs', 'architecture.md')
  writeFileSync(path, withDrawings(readFileSync(path, 'utf8'), readSources(join(root, 'src'))))
}
