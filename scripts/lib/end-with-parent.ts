/**
 * Loaded into child processes before anything else: when the script that started one is gone, even
 * by SIGKILL, its channel closes, and the child ends in good order.
 */
process.once("disconnect", () => process.kill(process.pid, "SIGTERM"))
