/* auth.h - the stages that find out who is calling and about what: path, version, token, proof, object, route, permission. */
#ifndef UNDERSTUDY_GRAPH_AUTH_H
#define UNDERSTUDY_GRAPH_AUTH_H

#include "graph/api.h"

enum graph_err inject_fault(struct call *call);
enum graph_err split_path(struct call *call);
enum graph_err check_version(struct call *call);
enum graph_err authenticate(struct call *call);
/* Whether call->credential still lives; else the error that says why not. */
enum graph_err check_live(struct call *call);
enum graph_err find_object(struct call *call);
enum graph_err match_route(struct call *call);
enum graph_err check_permission(struct call *call);

#endif
