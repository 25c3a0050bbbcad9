export { notifyPath, payuNotifications } from './notify.routes.ts'
export { type ReturnContext, returnPage, returnPath } from './return.routes.ts'
