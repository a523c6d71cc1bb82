export type {Environment} from '@parix/files/paths'
export {
  type ChosenDatabase,
  chooseDatabase,
  type DatabaseQuestion,
  type DatabaseSource,
  databaseInForce,
  databaseKey,
} from './default-database.js'
export {
  findProjectFile,
  readSettings,
  type Settings,
  type SettingsScope,
  settingsPath,
  updateSettings,
} from './files.js'
