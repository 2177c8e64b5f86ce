'use strict';
// The packages are installed outside of this folder, by ./dev, into build/npm. NODE_PATH may name another place.
module.paths.push(require('path').join(__dirname, '../../build/npm/node_modules'));

module.exports = (name) => require(name);
