// web-ifc reads one file: open, then every mesh with its vertices and indices copied out.
// node read.js MODEL ANSWER
const fs = require("fs");
const { IfcAPI, LogLevel } = require("web-ifc");

async function main([model, answer]) {
  const api = new IfcAPI();
  await api.Init();
  api.SetLogLevel(LogLevel.LOG_LEVEL_OFF);
  const begin = performance.now();
  const id = api.OpenModel(new Uint8Array(fs.readFileSync(model)));
  const opened = performance.now();
  const built = new Set();
  let triangles = 0;
  const shapes = new Map();
  api.StreamAllMeshes(id, (mesh) => {
    built.add(mesh.expressID);
    for (let i = 0; i < mesh.geometries.size(); i++) {
      const shape = mesh.geometries.get(i).geometryExpressID;
      if (shapes.has(shape)) continue;
      const geometry = api.GetGeometry(id, shape);
      const vertices = api.GetVertexArray(geometry.GetVertexData(), geometry.GetVertexDataSize()).slice();
      const indices = api.GetIndexArray(geometry.GetIndexData(), geometry.GetIndexDataSize()).slice();
      shapes.set(shape, [vertices, indices]);
      triangles += indices.length / 3;
      geometry.delete();
    }
  });
  const seconds = (performance.now() - begin) / 1000;
  fs.writeFileSync(answer, JSON.stringify({ seconds, open: (opened - begin) / 1000, built: built.size, triangles }));
}

main(process.argv.slice(2));
