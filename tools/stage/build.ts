/** A Worker of this folder, as a deploy uploads it. */
import { join } from 'node:path'
import { bundleWorker } from '../../cli/bundle.ts'

export interface StageModule {
  readonly type: 'ESModule'
  readonly path: string
  readonly contents: string
}

/** @param values what the file declares, by name. */
export async function buildWorker(
  name: string,
  values: Readonly<Record<string, string | number>>,
): Promise<StageModule[]> {
  const { modules } = await bundleWorker(join(import.meta.dirname, `${name}.ts`), values)
  return modules.map((each) => esModule(each.name, each.text))
}

export const esModule = (path: string, contents: string): StageModule => ({
  type: 'ESModule',
  path,
  contents,
})
