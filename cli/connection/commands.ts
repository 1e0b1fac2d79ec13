import type { Command } from '../command.ts'
import { addConnection } from './add.ts'
import { removeOneConnection } from './remove.ts'
import { listAllConnections, showConnection } from './show.ts'
import { testConnection } from './test.ts'
import { updateConnection } from './update.ts'

export const connectionCommands: readonly Command[] = [
  addConnection,
  listAllConnections,
  showConnection,
  updateConnection,
  removeOneConnection,
  testConnection,
]
