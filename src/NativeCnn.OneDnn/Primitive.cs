using System.Runtime.InteropServices;
using NativeCnn.Interop;
using Native = NativeCnn.Interop.OneDnn;

namespace NativeCnn.OneDnn;

/// <summary>A tensor that a primitive reads or writes.</summary>
/// <param name="Argument">ONEDNN_SOURCE and the others.</param>
/// <param name="Layout">How it lies.</param>
internal readonly record struct PrimitiveOperand(int Argument, MemoryDescription Layout);

/// <summary>
/// A primitive that several workers run at the same time, each with memory objects, a stream and scratch memory of its
/// own. Running it allocates nothing.
/// </summary>
/// <remarks>Its handles are freed when it is collected, as the kernel that has it.</remarks>
internal sealed unsafe class Primitive
{
    private readonly int _operands;
    private readonly int _workers;
    private readonly bool _hasScratch;

    // workers × operands, the scratch memory last.
    private readonly dnnl_argument* _arguments;
    private readonly void** _streams;
    private readonly void* _handle;

    /// <summary>Makes the primitive, which compiles it.</summary>
    /// <param name="library">oneDNN.</param>
    /// <param name="description">What it is to be.</param>
    /// <param name="workers">How many may run it at a time.</param>
    /// <param name="operands">Its tensors, in the order in which <see cref="Run"/> takes their addresses.</param>
    /// <exception cref="OneDnnException">oneDNN cannot.</exception>
    public Primitive(
        OneDnnApi library,
        PrimitiveDescription description,
        int workers,
        params ReadOnlySpan<PrimitiveOperand> operands
    )
    {
        OneDnnThread.Prepare();
        _workers = workers;
        _hasScratch = description.ScratchFloats > 0;
        _operands = operands.Length + (_hasScratch ? 1 : 0);
        _arguments = (dnnl_argument*)
            NativeMemory.AllocZeroed((nuint)(workers * _operands), (nuint)sizeof(dnnl_argument));
        _streams = (void**)NativeMemory.AllocZeroed((nuint)workers, (nuint)sizeof(void*));
        void* handle;
        OneDnnException.Check(
            Native.dnnl_primitive_create(&handle, description.Pointer),
            nameof(Native.dnnl_primitive_create)
        );
        _handle = handle;
        for (int worker = 0; worker < workers; worker++)
        {
            OneDnnException.Check(
                Native.dnnl_stream_create(&_streams[worker], library.Engine, (uint)dnnl_constant.dnnl_stream_in_order),
                nameof(Native.dnnl_stream_create)
            );
            for (int k = 0; k < _operands; k++)
            {
                PrimitiveOperand operand =
                    k < operands.Length
                        ? operands[k]
                        : new(Native.ONEDNN_SCRATCHPAD, description.LayoutOf(dnnl_constant.dnnl_query_scratchpad_md));
                dnnl_argument* argument = &_arguments[worker * _operands + k];
                argument->arg = operand.Argument;
                OneDnnException.Check(
                    Native.dnnl_memory_create(&argument->memory, operand.Layout.Pointer, library.Engine, null),
                    nameof(Native.dnnl_memory_create)
                );
            }
        }
        GC.KeepAlive(description);
    }

    ~Primitive()
    {
        for (int i = 0; _arguments != null && i < _workers * _operands; i++)
        {
            if (_arguments[i].memory != null)
                _ = Native.dnnl_memory_destroy(_arguments[i].memory);
        }
        for (int worker = 0; _streams != null && worker < _workers; worker++)
        {
            if (_streams[worker] != null)
                _ = Native.dnnl_stream_destroy(_streams[worker]);
        }
        if (_handle != null)
            _ = Native.dnnl_primitive_destroy(_handle);
        NativeMemory.Free(_arguments);
        NativeMemory.Free(_streams);
    }

    /// <summary>Computes on the calling thread.</summary>
    /// <param name="worker">Whose memory objects, 0 to workers − 1.</param>
    /// <param name="scratch">As many floats as the description says.</param>
    /// <param name="addresses">Of the operands, in their order.</param>
    /// <exception cref="OneDnnException">It failed.</exception>
    public void Run(int worker, float* scratch, params ReadOnlySpan<nint> addresses)
    {
        OneDnnThread.Prepare();
        dnnl_argument* arguments = &_arguments[worker * _operands];
        for (int k = 0; k < addresses.Length; k++)
            Set(arguments[k].memory, (void*)addresses[k]);
        if (_hasScratch)
            Set(arguments[_operands - 1].memory, scratch);
        OneDnnException.Check(
            Native.dnnl_primitive_execute(_handle, _streams[worker], _operands, arguments),
            nameof(Native.dnnl_primitive_execute)
        );
        GC.KeepAlive(this);
    }

    private static void Set(void* memory, void* address) =>
        OneDnnException.Check(
            Native.dnnl_memory_set_data_handle(memory, address),
            nameof(Native.dnnl_memory_set_data_handle)
        );
}

/// <summary>Holds oneDNN to the calling thread: the engine's pool is what shares the work.</summary>
internal static class OneDnnThread
{
    [ThreadStatic]
    private static bool isPrepared;

    /// <summary>Once per thread.</summary>
    public static void Prepare()
    {
        if (isPrepared)
            return;
        NativeRuntime.PrepareOneDnnThread();
        isPrepared = true;
    }
}
