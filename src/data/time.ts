export { shortTime } from '../../runner/run-page/time.ts'
