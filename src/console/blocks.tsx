import type { Child, FC } from 'hono/jsx'
import type { Block, Cell } from '../admin/view.ts'
import { Table, Time, Values } from './ui.tsx'

/** How an operation shows its result, where a page has no form of its own for it. */
export const Blocks: FC<{ readonly view: readonly Block[]; readonly caption: string }> = ({
  view,
  caption,
}) => (
  <>
    {view.map((block) => {
      switch (block.kind) {
        case 'sentence':
          return <p>{block.text}</p>
        case 'lines':
          return <pre tabindex={0}>{block.lines.join('\n')}</pre>
        case 'values':
          return (
            <Values
              rows={block.rows.map(([name, cell]) => [toTitle(name), cellOf(cell)] as const)}
            />
          )
        case 'table':
          return (
            <Table
              caption={caption}
              head={block.head.map(toTitle)}
              rows={block.rows.map((row) => row.map(cellOf))}
            />
          )
      }
    })}
  </>
)

const toTitle = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1)

function cellOf(cell: Cell): Child {
  if (cell === null) return <span class="soft">none</span>
  return typeof cell === 'object' ? <Time at={cell.at} /> : String(cell)
}
