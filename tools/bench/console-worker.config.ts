export { default } from './gate-worker.config.ts'
