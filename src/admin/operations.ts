/** Every operation there is. Each face offers them in this order. */
import { accessCheck } from './access.ts'
import { accessDrift } from './drift.ts'
import { auditExport, auditList } from './audit.ts'
import { adminLink } from './link.ts'
import { connectionBegin } from './connection-begin.ts'
import { connectionAdd, connectionUpdate } from './connection-changes.ts'
import {
  connectionDisable,
  connectionEnable,
  connectionList,
  connectionShow,
} from './connection-operations.ts'
import { connectionRemove } from './connection-removal.ts'
import { adminTokenCreate, adminTokenList, adminTokenRevoke } from './admin-tokens.ts'
import { connectionLint } from './connection-lint.ts'
import { connectionTry } from './connection-try.ts'
import {
  connectionAcceptMetadata,
  connectionMetadata,
  connectionPinMetadata,
  connectionRefresh,
  connectionUnpinMetadata,
} from './metadata-operations.ts'
import { groupList, groupShow } from './groups.ts'
import { joinPreview } from './join.ts'
import { keyRetire, keyRotate, keySwitch } from './key-operations.ts'
import { keyCertificate, keyList } from './key-shown.ts'
import { connectionHandover, handoverList, handoverRevoke } from './handover.ts'
import { directoryDrift } from './directory-drift-operation.ts'
import { heldList, requestList } from './directory-shown.ts'
import { allowRemovalsFor, holdRemovalsAgain } from './guard.ts'
import type { Operation } from './operation.ts'
import { overview } from './overview.ts'
import {
  signalsAdd,
  signalsList,
  signalsPoll,
  signalsRemove,
  signalsShow,
  signalsVerify,
} from './signal-operations.ts'
import { sessionList, sessionRevoke } from './sessions.ts'
import {
  webhookAdd,
  webhookList,
  webhookRemove,
  webhookRetry,
  webhookShow,
  webhookTest,
  webhookUpdate,
} from './webhook-operations.ts'
import { clientAdd, clientList, clientRemove } from './clients.ts'
import { grantList, grantRevoke } from './grants.ts'
import { tokenCreate } from './token-create.ts'
import {
  serviceTokenCreate,
  serviceTokenList,
  serviceTokenRevoke,
  serviceTokenRotate,
  serviceTokenShow,
} from './service-token-operations.ts'
import { signInEnd } from './sign-in-end.ts'
import { signInList, signInShow } from './sign-ins.ts'
import { tokenList, tokenRevoke } from './token-operations.ts'
import { userErase, userExport } from './person-data.ts'
import { userDisable, userEnable, userList, userShow } from './user-operations.ts'

export const operations: readonly Operation[] = [
  overview,
  accessCheck,
  accessDrift,
  adminLink,
  connectionBegin,
  connectionAdd,
  connectionList,
  connectionShow,
  connectionUpdate,
  connectionDisable,
  connectionEnable,
  connectionRemove,
  connectionTry,
  connectionMetadata,
  connectionRefresh,
  connectionAcceptMetadata,
  connectionPinMetadata,
  connectionUnpinMetadata,
  connectionLint,
  connectionHandover,
  handoverList,
  handoverRevoke,
  groupList,
  groupShow,
  joinPreview,
  keyList,
  keyCertificate,
  keyRotate,
  keySwitch,
  keyRetire,
  serviceTokenList,
  serviceTokenShow,
  serviceTokenCreate,
  serviceTokenRotate,
  serviceTokenRevoke,
  sessionList,
  sessionRevoke,
  signalsList,
  signalsShow,
  signalsAdd,
  signalsVerify,
  signalsPoll,
  signalsRemove,
  tokenCreate,
  signInList,
  signInShow,
  signInEnd,
  tokenList,
  tokenRevoke,
  allowRemovalsFor,
  holdRemovalsAgain,
  heldList,
  requestList,
  directoryDrift,
  userList,
  userShow,
  userDisable,
  userEnable,
  userExport,
  userErase,
  clientList,
  clientAdd,
  clientRemove,
  grantList,
  grantRevoke,
  auditList,
  auditExport,
  webhookList,
  webhookShow,
  webhookAdd,
  webhookUpdate,
  webhookRemove,
  webhookTest,
  webhookRetry,
  adminTokenList,
  adminTokenCreate,
  adminTokenRevoke,
]
