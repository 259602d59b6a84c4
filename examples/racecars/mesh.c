/* Grids of points to triangles with smooth normals. */
#include "mesh.h"

#include <stdlib.h>

enum { SHEET_COLUMNS_MAX = 128 };

static int make_room(mesh *m, size_t vertices, size_t triangles)
{
    while (!m->failed && m->vertex_count + vertices > m->vertex_room) {
        size_t room = m->vertex_room ? m->vertex_room * 2 : 1024;
        mesh_vertex *grown = realloc(m->vertices, room * sizeof *grown);
        if (!grown)
            m->failed = 1;
        else
            m->vertices = grown, m->vertex_room = room;
    }
    while (!m->failed && m->triangle_count + triangles > m->triangle_room) {
        size_t room = m->triangle_room ? m->triangle_room * 2 : 2048;
        mesh_triangle *grown = realloc(m->triangles, room * sizeof *grown);
        if (!grown)
            m->failed = 1;
        else
            m->triangles = grown, m->triangle_room = room;
    }
    return !m->failed;
}

/* Central differences along both directions of the grid, one-sided at its edges. */
static vec3 grid_normal(const vec3 *points, int rows, int columns, int row, int column)
{
    int row_before = row > 0 ? row - 1 : row, row_after = row + 1 < rows ? row + 1 : row;
    int column_before = column > 0 ? column - 1 : column, column_after = column + 1 < columns ? column + 1 : column;
    vec3 down = vec3_sub(points[row_after * columns + column], points[row_before * columns + column]);
    vec3 across = vec3_sub(points[row * columns + column_after], points[row * columns + column_before]);
    return vec3_unit(vec3_cross(down, across));
}

void mesh_add_grid(mesh *out, const vec3 *points, int rows, int columns, const enum surface *strips)
{
    size_t cells = (size_t)(rows - 1) * (size_t)(columns - 1);
    if (!make_room(out, (size_t)rows * (size_t)columns, 2 * cells))
        return;

    uint32_t first = (uint32_t)out->vertex_count;
    for (int row = 0; row < rows; row++)
        for (int column = 0; column < columns; column++)
            out->vertices[out->vertex_count++] = (mesh_vertex){
                points[row * columns + column], grid_normal(points, rows, columns, row, column)};

    for (int row = 0; row + 1 < rows; row++)
        for (int column = 0; column + 1 < columns; column++) {
            uint32_t a = first + (uint32_t)(row * columns + column), b = a + 1;
            uint32_t c = a + (uint32_t)columns, d = c + 1;
            out->triangles[out->triangle_count++] = (mesh_triangle){{a, b, c}, strips[column]};
            out->triangles[out->triangle_count++] = (mesh_triangle){{b, d, c}, strips[column]};
        }
}

void mesh_add_sheet(mesh *out, const vec3 *points, int rows, int columns, enum surface surface)
{
    enum surface strips[SHEET_COLUMNS_MAX];
    if (columns > SHEET_COLUMNS_MAX)
        columns = SHEET_COLUMNS_MAX;
    for (int column = 0; column < columns; column++)
        strips[column] = surface;
    mesh_add_grid(out, points, rows, columns, strips);
}

void mesh_free(mesh *m)
{
    free(m->vertices);
    free(m->triangles);
    *m = (mesh){0};
}
