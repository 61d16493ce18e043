export { shortTime } from '../../runner/pages/page-time.ts'
