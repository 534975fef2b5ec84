namespace NativeCnn.Interop;

// Short ways to write the structs that calls are given in place.

internal partial struct nativecnn_range
{
    public nativecnn_range(long begin, long count)
    {
        this.begin = begin;
        this.count = count;
    }
}

internal partial struct nativecnn_dense_geometry
{
    public nativecnn_dense_geometry(int batchSize, int units, int inputs)
    {
        batch_size = batchSize;
        this.units = units;
        this.inputs = inputs;
    }
}
