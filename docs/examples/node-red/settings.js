// Node-RED for this one flow: on loopback, nothing is reported, looked up or installed while it runs.
const headless = process.env.FLOW_HEADLESS === "1";

module.exports = {
    flowFile: "flows.json",
    uiHost: "127.0.0.1",
    uiPort: Number(process.env.FLOW_PORT || 1880),
    httpAdminRoot: headless ? false : "/", // The editor; give it `adminAuth` before anybody else can reach it.
    httpNodeRoot: false,
    credentialSecret: false, // The flow keeps no credentials: its token and its database come from the environment.
    httpRequestTimeout: 20000, // Longer than the 8 seconds the service may take to answer.
    functionExternalModules: true, // For `pg` and `crypto` in two function nodes.
    externalModules: {
        autoInstall: false,
        palette: { allowInstall: false, allowUpdate: false, allowUpload: false },
        modules: { allowInstall: false, allowList: ["pg", "crypto"] },
    },
    telemetry: { enabled: false, updateNotification: false },
    editorTheme: { tours: false, projects: { enabled: false }, multiplayer: { enabled: false } },
    contextStorage: { default: "memory", memory: { module: "memory" } },
    logging: { console: { level: "info", metrics: false, audit: false } },
};
